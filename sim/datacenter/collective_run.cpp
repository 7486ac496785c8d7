#include "sim/datacenter/collective_run.hpp"

#include <algorithm>
#include <numeric>

#include "sim/datacenter/fabric.hpp"
#include "sim/datacenter/hop_latency.hpp"
#include "sim/scenario/collective_situation.hpp"
#include "workloads/collective_pattern.hpp"
#include "workloads/collectives/equal_flows.hpp"

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

bool between_all_pairs(workload::CollectiveKind kind, CollectiveAlgorithm algorithm) {
  return algorithm == CollectiveAlgorithm::direct && kind != workload::CollectiveKind::send_receive;
}

LoneExchange route_all_pairs(const topology::Network& network, std::span<const std::uint32_t> group,
                             const LoneExchange::Progress& progress) {
  return {network, group, {workload::all_pairs(static_cast<std::uint32_t>(group.size()))}, progress};
}

namespace {

/// The timing of the collective when its flows take this way.
calibration::Timing lengthened(const CollectiveRequest& request, const PathLatency& way, calibration::Timing timing) {
  return over(way, calibration::passes(request.situation, request.kind, request.method.algorithm), timing);
}

void run_pairs(const LoneExchange& flows, const CollectiveRequest& request, const calibration::Timing& timing,
               CollectiveResult& result) {
  const auto bytes = static_cast<double>(request.bytes.value());
  const auto moved = flows.time(bytes, {timing.nvlink_efficiency, timing.network_efficiency});
  result.time = lengthened(request, flows.path_latency(), timing).total(moved);
  result.busiest = flows.busiest(bytes, result.time, busiest_channels);
  result.flows_unfolded = flows.flows();
  result.flows_folded = 1;
}

void run_pattern(const topology::Network& network, const workload::Pattern& pattern, const CollectiveRequest& request,
                 const calibration::Timing& timing, bool fold, CollectiveResult& result) {
  engine::Engine engine;
  FoldedFabric fabric(engine, network, traffic_of(pattern, members_of(request)),
                      {timing.nvlink_efficiency, timing.network_efficiency}, fold);
  fabric.start(0, static_cast<double>(request.bytes.value()), Seconds{}, [&] { result.time = engine.now(); });
  engine.run();
  result.time = lengthened(request, fabric.path_latency(0), timing).total(result.time);
  result.busiest = fabric.busiest(result.time, busiest_channels);
  result.flows_unfolded = fabric.flows_unfolded();
  result.flows_folded = fabric.flows_folded();
}

}  // namespace

CollectiveResult run_collective(const topology::Cluster& cluster, const topology::Network& network,
                                const CollectiveRequest& request, bool fold) {
  const auto group = members_of(request);
  const auto timing = calibration::timing(request.situation, request.kind, request.method, request.bytes);
  const bool pairs = between_all_pairs(request.kind, request.method.algorithm) && request.weights.empty();
  CollectiveResult result;
  if (request.routed != nullptr) {
    run_pairs(*request.routed, request, timing, result);
  } else if (pairs && fold) {
    run_pairs(route_all_pairs(network, group), request, timing, result);
  } else {
    const auto domains = scenario::domains_of(cluster, group);
    run_pattern(network,
                request.weights.empty() ? workload::pattern_of(request.kind, request.method.algorithm, domains)
                                        : workload::skewed_all_to_all(request.weights, domains),
                request, timing, fold, result);
  }
  result.algorithm_bandwidth = request.bytes / result.time;
  result.bus_bandwidth = result.algorithm_bandwidth * bus_factor(request.kind, request.situation.ranks);
  return result;
}

}  // namespace plenum::datacenter
