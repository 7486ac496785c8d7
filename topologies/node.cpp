#include "topologies/node.hpp"

namespace plenum::topology {

std::int64_t nvlink_domains(const ClusterSpecification& cluster) {
  if (gpus_per_domain(cluster.node) == 1) return 0;
  return (cluster.nodes + cluster.node.nvlink_domain_nodes - 1) / cluster.node.nvlink_domain_nodes;
}

std::int64_t nics(const ClusterSpecification& cluster) {
  return cluster.fabric.kind == FabricKind::none ? 0 : cluster.nodes * cluster.node.nics;
}

void wire_nodes(const ClusterSpecification& cluster, const VertexNumbers& numbers, Wiring& wiring) {
  const NodeSpecification& node = cluster.node;
  // A message crosses two NVLink edges, GPU to switch and switch to GPU. PCIe's latency is part of what collectives pay
  // per network step, so it isn't counted again here.
  const Link nvlink{node.nvlink, node.nvlink_latency / 2.0, LinkKind::nvlink};
  const Link pcie{node.pcie, Seconds(0), LinkKind::pcie};
  const std::int64_t gpus = cluster.nodes * node.gpus;
  for (std::int64_t gpu = 0; gpu < gpus; ++gpu) {
    const VertexId vertex = numbers.of(VertexKind::gpu, gpu);
    if (numbers.count(VertexKind::nvswitch) > 0) {
      wiring.connect(vertex, numbers.of(VertexKind::nvswitch, gpu / gpus_per_domain(node)), nvlink);
    }
    if (numbers.count(VertexKind::nic) > 0) {
      const std::int64_t nic = gpu / node.gpus * node.nics + nic_of_gpu(node, gpu % node.gpus);
      wiring.connect(vertex, numbers.of(VertexKind::nic, nic), pcie);
    }
  }
}

}  // namespace plenum::topology
