// One collective over the first `gpus` GPUs of a cluster, on an otherwise idle fabric.
#pragma once

#include "sim/core/quantity.hpp"
#include "sim/datacenter/result.hpp"
#include "topologies/routing.hpp"
#include "workloads/operation.hpp"

namespace plenum::datacenter {

struct CollectiveResult {
  Seconds time{};
  BytesPerSecond algorithm_bandwidth{};  ///< bytes / time
  BytesPerSecond bus_bandwidth{};        ///< nccl-tests' definition: all_reduce 2(n-1)/n x algorithm bandwidth
  std::vector<ChannelLoad> busiest;
  std::int64_t flows_unfolded = 0, flows_folded = 0;
};

/// Preconditions: 2 <= gpus <= the cluster's. `architecture` selects the latency constants.
CollectiveResult run_collective(const topology::Cluster&, const topology::Network&, const std::string& architecture,
                                workload::CollectiveKind, Bytes bytes, std::int64_t gpus, bool fold);

}  // namespace plenum::datacenter
