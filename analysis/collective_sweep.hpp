// One collective over several sizes, with the numbers that nccl-tests prints.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "calibration/collectives/situation.hpp"
#include "sim/core/issue.hpp"
#include "sim/core/quantity.hpp"
#include "topologies/specification.hpp"
#include "workloads/operation.hpp"

namespace plenum::analysis {

struct CollectiveSweep {
  workload::CollectiveKind kind = workload::CollectiveKind::all_reduce;
  std::vector<std::uint32_t> group;              ///< GPU numbers
  std::optional<CollectiveAlgorithm> algorithm;  ///< nothing: what NCCL picks
  std::optional<CollectiveProtocol> protocol;
  std::vector<Bytes> sizes;
  bool fold = true;
};

struct CollectivePoint {
  Bytes size{};
  calibration::Method method;
  Seconds time{};
  BytesPerSecond algorithm_bandwidth{}, bus_bandwidth{};
  std::int64_t flows_unfolded = 0, flows_folded = 0;
  std::string bottleneck;  ///< busiest kind of channel
  double utilization = 0;  ///< of its bandwidth
};

/// One simulation per size, each in a process of its own. Preconditions: topology::check() found nothing, at least two
/// GPUs. Issues: GPUs that the cluster doesn't have, has twice or doesn't connect; an algorithm or a protocol that
/// can't be used there; a device that the catalogue doesn't know; a simulation that ended without a result.
/// `progress`: flows routed, of a balanced all_to_all.
std::vector<CollectivePoint> run_collectives(const topology::ClusterSpecification&, const CollectiveSweep&, Issues&,
                                             const std::function<void(std::size_t, std::size_t)>& progress = {});

nlohmann::ordered_json to_json(const CollectiveSweep&, const std::vector<CollectivePoint>&);
std::string to_text(const CollectiveSweep&, const std::vector<CollectivePoint>&);  ///< columns of nccl-tests

}  // namespace plenum::analysis
