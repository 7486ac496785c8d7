// One collective over several sizes, with the numbers that nccl-tests prints.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sim/core/issue.hpp"
#include "sim/core/quantity.hpp"
#include "topologies/specification.hpp"
#include "workloads/operation.hpp"

namespace plenum::analysis {

struct CollectiveSweep {
  workload::CollectiveKind kind = workload::CollectiveKind::all_reduce;
  std::int64_t gpus = 2;
  std::vector<Bytes> sizes;
  bool fold = true;
};

struct CollectivePoint {
  Bytes size{};
  Seconds time{};
  BytesPerSecond algorithm_bandwidth{}, bus_bandwidth{};
  std::int64_t flows_unfolded = 0, flows_folded = 0;
};

/// One simulation per size, each in a process of its own. Preconditions: topology::check() found nothing, 2 <= gpus <=
/// the cluster's. Issues: a GPU that the catalogue doesn't know, a simulation that ended without a result.
std::vector<CollectivePoint> run_collectives(const topology::ClusterSpecification&, const CollectiveSweep&, Issues&);

nlohmann::ordered_json to_json(const CollectiveSweep&, const std::vector<CollectivePoint>&);
std::string to_text(const CollectiveSweep&, const std::vector<CollectivePoint>&);  ///< columns of nccl-tests

}  // namespace plenum::analysis
