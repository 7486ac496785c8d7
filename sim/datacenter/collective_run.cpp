#include "sim/datacenter/collective_run.hpp"

#include <algorithm>
#include <numeric>

#include "sim/datacenter/fabric.hpp"
#include "sim/datacenter/hop_latency.hpp"
#include "sim/scenario/collective_situation.hpp"
#include "workloads/collective_pattern.hpp"

namespace plenum::datacenter {
namespace {

constexpr std::size_t busiest_channels = 12;

std::vector<std::uint32_t> members_of(const CollectiveRequest& request) {
  if (!request.group.empty()) return request.group;
  std::vector<std::uint32_t> first(static_cast<std::size_t>(request.situation.ranks));
  std::iota(first.begin(), first.end(), 0u);
  return first;
}

/// All GPUs are alike and form one group.
Traffic traffic_of(const workload::Pattern& pattern, const std::vector<std::uint32_t>& group) {
  Traffic traffic;
  std::vector<Member> members;
  for (const auto gpu : group) members.push_back({traffic.add_rank(gpu, 0)});
  traffic.add_group(0, members, pattern);
  return traffic;
}

}  // namespace

double bus_factor(workload::CollectiveKind kind, std::int64_t ranks) {
  const auto n = static_cast<double>(ranks);
  switch (kind) {
    case workload::CollectiveKind::all_reduce:
      return 2 * (n - 1) / n;
    case workload::CollectiveKind::all_gather:
    case workload::CollectiveKind::reduce_scatter:
    case workload::CollectiveKind::all_to_all:
      return (n - 1) / n;
    default:
      return 1;
  }
}

CollectiveResult run_collective(const topology::Cluster& cluster, const topology::Network& network,
                                const CollectiveRequest& request, bool fold) {
  const auto group = members_of(request);
  const auto domains = scenario::domains_of(cluster, group);
  const auto pattern = request.weights.empty() ? workload::pattern_of(request.kind, request.method.algorithm, domains)
                                               : workload::skewed_all_to_all(request.weights, domains);
  const auto timing = calibration::timing(request.situation, request.kind, request.method, request.bytes);
  engine::Engine engine;
  FoldedFabric fabric(engine, network, traffic_of(pattern, group),
                      {timing.nvlink_efficiency, timing.network_efficiency}, fold);
  const auto lengthened = over(fabric.path_latency(0),
                               calibration::passes(request.situation, request.kind, request.method.algorithm), timing);
  CollectiveResult result;
  const auto flows_done = [&] {
    const auto flows = engine.now();
    engine.after(lengthened.total(flows) - flows, [&] { result.time = engine.now(); });
  };
  fabric.start(0, static_cast<double>(request.bytes.value()), Seconds{}, flows_done);
  engine.run();

  result.algorithm_bandwidth = request.bytes / result.time;
  result.bus_bandwidth = result.algorithm_bandwidth * bus_factor(request.kind, request.situation.ranks);
  result.busiest = fabric.busiest(result.time, busiest_channels);
  result.flows_unfolded = fabric.flows_unfolded();
  result.flows_folded = fabric.flows_folded();
  return result;
}

}  // namespace plenum::datacenter
