// One collective over some GPUs of a cluster, on an otherwise idle fabric.
#pragma once

#include <vector>

#include "calibration/collectives/timing.hpp"
#include "sim/core/quantity.hpp"
#include "sim/datacenter/lone_exchange.hpp"
#include "sim/datacenter/result.hpp"
#include "topologies/routing.hpp"
#include "workloads/operation.hpp"

namespace plenum::datacenter {

struct CollectiveRequest {
  calibration::Situation situation;  ///< `ranks` GPUs take part
  workload::CollectiveKind kind = workload::CollectiveKind::all_reduce;
  calibration::Method method;
  Bytes bytes{};
  std::vector<std::uint32_t> group;      ///< GPU numbers, domain by domain; empty: the first `ranks` GPUs
  std::vector<double> weights{};         ///< of an all_to_all; empty: balanced
  const LoneExchange* routed = nullptr;  ///< route_all_pairs(), when it was done before
};

struct CollectiveResult {
  Seconds time{};
  BytesPerSecond algorithm_bandwidth{};  ///< bytes / time
  BytesPerSecond bus_bandwidth{};        ///< nccl-tests' definition: all_reduce 2(n-1)/n x algorithm bandwidth
  std::vector<ChannelLoad> busiest;
  std::int64_t flows_unfolded = 0, flows_folded = 0;
};

/// Every member sends every other one as much.
bool between_all_pairs(workload::CollectiveKind, CollectiveAlgorithm);
/// The flows of such a collective, which don't depend on its size.
LoneExchange route_all_pairs(const topology::Network&, std::span<const std::uint32_t> group,
                             const LoneExchange::Progress& = {});

/// Preconditions: 2 <= ranks <= the cluster's GPUs; calibration::refusal() has nothing against the method.
CollectiveResult run_collective(const topology::Cluster&, const topology::Network&, const CollectiveRequest&,
                                bool fold);

/// Bus bandwidth / algorithm bandwidth, as nccl-tests defines it (doc/PERFORMANCE.md).
double bus_factor(workload::CollectiveKind, std::int64_t ranks);

}  // namespace plenum::datacenter
