#include "sim/datacenter/collective_run.hpp"

#include "calibration/collective_model.hpp"
#include "sim/datacenter/fabric.hpp"

namespace plenum::datacenter {
namespace {

constexpr std::size_t busiest_channels = 12;

/// NVSwitch domain of a GPU: what the ring takes as one node. A GPU without NVSwitch is a domain of its own, numbered
/// after the others.
std::uint32_t domain_of(const topology::Cluster& cluster, std::uint32_t gpu) {
  for (const auto edge : edges_from(cluster.gpus[gpu], cluster.graph)) {
    const auto& neighbour = cluster.graph[target(edge, cluster.graph)];
    if (neighbour.kind == topology::VertexKind::nvswitch) return neighbour.index;
  }
  return static_cast<std::uint32_t>(cluster.numbers.count(topology::VertexKind::nvswitch)) + gpu;
}

workload::Pattern ring_over(const topology::Cluster& cluster, workload::CollectiveKind kind, std::uint32_t gpus) {
  std::vector<std::uint32_t> domains;
  for (std::uint32_t gpu = 0; gpu < gpus; ++gpu) domains.push_back(domain_of(cluster, gpu));
  return workload::ring(kind, domains);
}

/// All GPUs are alike and form one group.
Traffic traffic_of(const workload::Pattern& pattern, std::uint32_t gpus) {
  Traffic traffic;
  std::vector<Member> members;
  for (std::uint32_t gpu = 0; gpu < gpus; ++gpu) members.push_back({traffic.add_rank(gpu, 0)});
  traffic.add_group(0, members, pattern);
  return traffic;
}

}  // namespace

CollectiveResult run_collective(const topology::Cluster& cluster, const topology::Network& network,
                                const std::string& architecture, workload::CollectiveKind kind, Bytes bytes,
                                std::int64_t gpus, bool fold) {
  const auto pattern = ring_over(cluster, kind, static_cast<std::uint32_t>(gpus));
  const bool between_nodes = pattern.inter_node_steps > 0;
  const auto constants = calibration::ring_constants(architecture, between_nodes, gpus, bytes);
  const auto inside = static_cast<double>(pattern.steps - pattern.inter_node_steps);
  const auto latency = constants.base + inside * constants.intra_node_step +
                       static_cast<double>(pattern.inter_node_steps) * constants.inter_node_step;

  engine::Engine engine;
  FoldedFabric fabric(engine, network, traffic_of(pattern, static_cast<std::uint32_t>(gpus)),
                      {constants.nvlink_efficiency, constants.network_efficiency}, fold);
  CollectiveResult result;
  fabric.start(0, static_cast<double>(bytes.value()), latency, [&] { result.time = engine.now(); });
  engine.run();

  const double ranks = static_cast<double>(gpus), rounds = kind == workload::CollectiveKind::all_reduce ? 2 : 1;
  result.algorithm_bandwidth = bytes / result.time;
  result.bus_bandwidth = result.algorithm_bandwidth * (rounds * (ranks - 1) / ranks);
  result.busiest = fabric.busiest(result.time, busiest_channels);
  result.flows_unfolded = fabric.flows_unfolded();
  result.flows_folded = fabric.flows_folded();
  return result;
}

}  // namespace plenum::datacenter
