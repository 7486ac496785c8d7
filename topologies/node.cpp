#include "topologies/node.hpp"

#include <algorithm>

namespace plenum::topology {

std::int64_t nvlink_domains(const ClusterSpecification& cluster) {
  if (gpus_per_domain(cluster.node) == 1) return 0;
  return (cluster.nodes + cluster.node.nvlink_domain_nodes - 1) / cluster.node.nvlink_domain_nodes;
}

std::int64_t nics(const ClusterSpecification& cluster) {
  return cluster.fabric.kind == FabricKind::none ? 0 : cluster.nodes * cluster.node.nics;
}

NodeSpecification node_at(const ClusterSpecification& cluster, std::int64_t node) {
  auto at = cluster.node;
  const auto take = [](BytesPerSecond& rate, BytesPerSecond other) { rate = other.value() > 0 ? other : rate; };
  for (const auto& other : cluster.other_nodes) {
    if (node < other.first || node >= other.first + other.count) continue;
    take(at.nvlink, other.nvlink);
    take(at.nic, other.nic);
    take(at.pcie, other.pcie);
  }
  return at;
}

const std::string& gpu_at(const ClusterSpecification& cluster, std::int64_t node) {
  const auto* gpu = &cluster.gpu;
  for (const auto& other : cluster.other_nodes)
    if (node >= other.first && node < other.first + other.count && !other.gpu.empty()) gpu = &other.gpu;
  return *gpu;
}

BytesPerSecond fastest_nic(const ClusterSpecification& cluster) {
  auto fastest = cluster.node.nic;
  for (const auto& other : cluster.other_nodes) fastest = std::max(fastest, other.nic);
  return fastest;
}

namespace {

/// A message crosses two edges of a domain, GPU to switch and switch to GPU.
Link to_domain(const NodeSpecification& node) {
  const bool nvswitch = node.interconnect == Interconnect::nvswitch;
  return {nvswitch ? node.nvlink : node.pcie, node.nvlink_latency / 2.0, nvswitch ? LinkKind::nvlink : LinkKind::host};
}

}  // namespace

void wire_nodes(const ClusterSpecification& cluster, const VertexNumbers& numbers, Wiring& wiring) {
  const auto per_node = cluster.node.gpus;
  const auto gpu_at = [&](std::int64_t gpu) { return numbers.of(VertexKind::gpu, gpu); };
  for (std::int64_t node = 0; node < cluster.nodes; ++node) {
    const auto at = node_at(cluster, node);
    const auto first = node * per_node, end = first + per_node;
    for (auto gpu = first; gpu < end && numbers.count(VertexKind::nvswitch) > 0; ++gpu)
      wiring.connect(gpu_at(gpu), numbers.of(VertexKind::nvswitch, gpu / gpus_per_domain(at)), to_domain(at));
    for (auto gpu = first; gpu + 1 < end && bridged(at, gpu, gpu + 1); gpu += 2)
      wiring.connect(gpu_at(gpu), gpu_at(gpu + 1), {at.nvlink, at.nvlink_latency, LinkKind::nvlink});
    // PCIe's latency is part of what collectives pay per network step, so it isn't counted again here.
    for (auto gpu = first; gpu < end && numbers.count(VertexKind::nic) > 0; ++gpu)
      wiring.connect(gpu_at(gpu), numbers.of(VertexKind::nic, node * at.nics + nic_of_gpu(at, gpu % per_node)),
                     {at.pcie, Seconds(0), LinkKind::pcie});
  }
}

}  // namespace plenum::topology
