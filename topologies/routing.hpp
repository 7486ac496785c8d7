// Routes of flows between GPUs, as lists of channels. A channel is what a flow occupies: one direction of one cable,
// or, under even spreading, a bundle of parallel cables that always carry equal loads (all uplinks of one leaf, all
// uplinks of one pod, ...) and therefore act as one link with the sum of their bandwidths - a degraded member limits
// the whole bundle to count x its bandwidth, since spreading stays even.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/quantity.hpp"
#include "topologies/cluster.hpp"
#include "topologies/specification.hpp"

namespace plenum::topology {

struct Channel {
  BytesPerSecond bandwidth{};
  Seconds latency{};
  LinkKind kind = LinkKind::cable;
  std::uint32_t cables = 1;
};

class Network {
 public:
  virtual ~Network() = default;
  virtual std::size_t channel_count() const = 0;
  virtual Channel channel(std::uint32_t id) const = 0;
  virtual std::string channel_name(std::uint32_t id) const = 0;  ///< "leaf 3 -> spines of pod 0 (16 cables)"
  /// Channels from GPU `source` to GPU `destination` (different), in order, appended to `channels`. Inside one NVSwitch
  /// domain: NVLink up and down. Else GPU -> its NIC -> switches -> NIC -> GPU. `label` tells flows of one pair apart
  /// (ECMP). A channel that stands k times in it is loaded k times.
  virtual void route(std::uint32_t source, std::uint32_t destination, std::uint64_t label,
                     std::vector<std::uint32_t>& channels) const = 0;
};

/// Routing as the specification says. The cluster must outlive the network and must be connected between the GPUs
/// routed.
std::unique_ptr<Network> make_network(const Cluster&, const ClusterSpecification&);

}  // namespace plenum::topology
