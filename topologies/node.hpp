// Nodes: GPUs on an NVSwitch domain, each GPU with its NIC behind PCIe. A domain is one 8-GPU node, or several (GB200
// NVL72: 18 trays of 4); the last one may be incomplete. A domain of a single GPU has no NVSwitch. Where GPUs meet in
// the host, that is the vertex.
#pragma once

#include "topologies/specification.hpp"

namespace plenum::topology {

/// GPU g of a node uses NIC g * nics / gpus of that node; NIC n serves the GPUs from first_gpu_of_nic(n) on.
constexpr std::int64_t nic_of_gpu(const NodeSpecification& node, std::int64_t gpu) {
  return gpu * node.nics / node.gpus;
}
constexpr std::int64_t first_gpu_of_nic(const NodeSpecification& node, std::int64_t nic) {
  return (nic * node.gpus + node.nics - 1) / node.nics;
}
constexpr std::int64_t gpus_per_domain(const NodeSpecification& node) { return node.gpus * node.nvlink_domain_nodes; }

std::int64_t nvlink_domains(const ClusterSpecification&);  ///< zero when nodes have no NVSwitch
std::int64_t nics(const ClusterSpecification&);            ///< in the cluster; zero without a fabric

/// The node's specification with the rates that hold for it.
NodeSpecification node_at(const ClusterSpecification&, std::int64_t node);
/// Device name of its GPUs.
const std::string& gpu_at(const ClusterSpecification&, std::int64_t node);
/// Of all nodes.
BytesPerSecond fastest_nic(const ClusterSpecification&);

/// GPUs that an NVLink bridge joins.
constexpr bool bridged(const NodeSpecification& node, std::int64_t gpu, std::int64_t other) {
  return node.interconnect == Interconnect::bridged_pairs && gpu / node.gpus == other / node.gpus &&
         gpu % node.gpus / 2 == other % node.gpus / 2;
}

/// Order of a GPU's edges: NVSwitch or host (if any), its bridge, NIC. Of an NVSwitch's: its GPUs. Of a NIC's: its GPUs
/// (then the leaf).
void wire_nodes(const ClusterSpecification&, const VertexNumbers&, Wiring&);

}  // namespace plenum::topology
