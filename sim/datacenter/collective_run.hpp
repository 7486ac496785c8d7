// One collective over some GPUs of a cluster, on an otherwise idle fabric.
#pragma once

#include <vector>

#include "calibration/collectives/timing.hpp"
#include "sim/core/quantity.hpp"
#include "sim/datacenter/result.hpp"
#include "topologies/routing.hpp"
#include "workloads/operation.hpp"

namespace plenum::datacenter {

struct CollectiveRequest {
  calibration::Situation situation;  ///< `ranks` GPUs take part
  workload::CollectiveKind kind = workload::CollectiveKind::all_reduce;
  calibration::Method method;
  Bytes bytes{};
  std::vector<std::uint32_t> group;  ///< GPU numbers, domain by domain; empty: the first `ranks` GPUs
};

struct CollectiveResult {
  Seconds time{};
  BytesPerSecond algorithm_bandwidth{};  ///< bytes / time
  BytesPerSecond bus_bandwidth{};        ///< nccl-tests' definition: all_reduce 2(n-1)/n x algorithm bandwidth
  std::vector<ChannelLoad> busiest;
  std::int64_t flows_unfolded = 0, flows_folded = 0;
};

/// Preconditions: 2 <= ranks <= the cluster's GPUs; calibration::refusal() has nothing against the method.
CollectiveResult run_collective(const topology::Cluster&, const topology::Network&, const CollectiveRequest&,
                                bool fold);

/// What the model needs to know about a group on a cluster. GPUs are sorted by NVLink domain.
calibration::Situation situation_of(const topology::Cluster&, const topology::ClusterSpecification&,
                                    const std::string& architecture, std::vector<std::uint32_t>& group);

/// NVSwitch domain of a GPU: what algorithms take as one node. A GPU without NVSwitch is a domain of its own, numbered
/// after the others.
std::uint32_t domain_of(const topology::Cluster&, std::uint32_t gpu);

/// Bus bandwidth / algorithm bandwidth, as nccl-tests defines it (doc/PERFORMANCE.md).
double bus_factor(workload::CollectiveKind, std::int64_t ranks);

}  // namespace plenum::datacenter
