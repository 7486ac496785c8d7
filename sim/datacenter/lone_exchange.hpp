// An exchange between very many pairs that has the fabric for itself. Flows of equal share keep pace with each other,
// so all that counts is how often they load each channel: their routes are walked once and none is kept. The same as a
// FoldedFabric's, whose memory grows with the flows.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "sim/datacenter/fabric.hpp"
#include "workloads/collectives/equal_flows.hpp"

namespace plenum::datacenter {

class LoneExchange {
 public:
  using Progress = std::function<void(std::size_t done, std::size_t of)>;

  /// Flows index `gpus`. `progress` is told now and then how many flows are routed. The network must outlive this.
  LoneExchange(const topology::Network&, std::span<const std::uint32_t> gpus, std::vector<workload::EqualFlows>,
               const Progress& progress = {});

  /// Until `bytes` x share have moved over each flow, all begun at once: rates are max-min fair, as the engine's.
  Seconds time(double bytes, LinkEfficiency) const;

  const PathLatency& path_latency() const { return path_latency_; }  ///< of the slowest flows
  std::int64_t flows() const { return flows_; }
  /// FoldedFabric::busiest() after `bytes` were moved.
  std::vector<ChannelLoad> busiest(double bytes, Seconds duration, std::size_t limit) const;

 private:
  using Loads = std::vector<std::uint64_t>;  ///< by channel: flows that use it, with repetitions
  struct Limit;

  std::vector<Limit> limits(LinkEfficiency) const;
  static std::vector<double> rates(const std::vector<Limit>&, const std::vector<double>& left);

  const topology::Network& network_;
  std::vector<topology::Channel> channels_;
  std::vector<double> shares_;  ///< ascending, different
  std::vector<Loads> loads_;    ///< by share
  PathLatency path_latency_{};
  std::int64_t flows_ = 0;
};

}  // namespace plenum::datacenter
