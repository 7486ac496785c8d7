// The most that any routing could carry on a graph of switches: a flow takes at least as many cables as its shortest
// way has, all cables together carry what they carry, and what leaves or enters a switch goes over that switch's own
// cables. Ideal adaptive routing is limited by nothing else (a relaxation of the multi-commodity flow problem: every
// set of rates that some routing reaches is reached here, though fair shares of the larger set may give one of many
// flows less). Flows look alike under it, so they fold.
#pragma once

#include <string>
#include <vector>

#include "topologies/routing.hpp"

namespace plenum::topology {

class PooledSwitches {
 public:
  PooledSwitches() = default;
  explicit PooledSwitches(const Cluster&);

  /// Numbers are behind those of the graph's edges: the cables out of each switch, those into each, all of them.
  std::size_t channels() const { return channels_.size(); }
  Channel channel(std::uint32_t id) const { return channels_[id - edges_]; }
  std::string name(std::uint32_t id) const;

  /// Out of one switch, `hops` times over the pool, into the other. Precondition: hops > 0.
  void cross(std::int64_t from, std::int64_t to, std::int64_t hops, std::vector<std::uint32_t>& channels) const;

 private:
  std::uint32_t edges_ = 0, switches_ = 0;
  std::vector<Channel> channels_;
};

}  // namespace plenum::topology
