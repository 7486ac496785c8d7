// Nodes: GPUs on an NVSwitch domain, each GPU with its NIC behind PCIe. A domain is one 8-GPU node, or several (GB200
// NVL72: 18 trays of 4); the last one may be incomplete. A domain of a single GPU has no NVSwitch.
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

/// Order of a GPU's edges: NVSwitch (if any), NIC. Of an NVSwitch's: its GPUs. Of a NIC's: its GPUs (then the leaf).
void wire_nodes(const ClusterSpecification&, const VertexNumbers&, Wiring&);

}  // namespace plenum::topology
