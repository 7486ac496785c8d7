#include "sim/scenario/collective_situation.hpp"

#include <algorithm>
#include <map>

#include "topologies/node.hpp"

namespace plenum::scenario {
namespace {

/// The generation of PCIe, by its rate.
std::string bus_of(BytesPerSecond pcie) { return pcie.value() > 40e9 ? "pcie5" : "pcie4"; }

/// Collectives of a mixed group wait for its slowest links.
topology::NodeSpecification slowest_node(const topology::Cluster& cluster,
                                         const topology::ClusterSpecification& specification,
                                         const std::vector<std::uint32_t>& group) {
  auto slowest = specification.node;
  if (specification.other_nodes.empty()) return slowest;
  slowest = node_at(specification, cluster.node_of(group.front()));
  for (const auto gpu : group) {
    const auto node = node_at(specification, cluster.node_of(gpu));
    slowest.nvlink = std::min(slowest.nvlink, node.nvlink);
    slowest.pcie = std::min(slowest.pcie, node.pcie);
    slowest.nic = std::min(slowest.nic, node.nic);
  }
  return slowest;
}

}  // namespace

std::uint32_t domain_of(const topology::Cluster& cluster, std::uint32_t gpu) {
  for (const auto edge : edges_from(cluster.gpus[gpu], cluster.graph)) {
    const auto& neighbour = cluster.graph[target(edge, cluster.graph)];
    if (neighbour.kind == topology::VertexKind::nvswitch) return neighbour.index;
  }
  return static_cast<std::uint32_t>(cluster.numbers.count(topology::VertexKind::nvswitch)) + gpu;
}

std::vector<std::uint32_t> domains_of(const topology::Cluster& cluster, const std::vector<std::uint32_t>& group) {
  std::vector<std::uint32_t> domains;
  for (const auto gpu : group) domains.push_back(domain_of(cluster, gpu));
  return domains;
}

calibration::Situation situation_of(const topology::Cluster& cluster,
                                    const topology::ClusterSpecification& specification,
                                    const std::string& architecture, std::vector<std::uint32_t>& group) {
  std::map<std::uint32_t, std::size_t> place;
  for (const auto gpu : group) place.try_emplace(domain_of(cluster, gpu), place.size());
  std::ranges::stable_sort(group, {}, [&](auto gpu) { return place.at(domain_of(cluster, gpu)); });
  auto domains = domains_of(cluster, group);
  domains.erase(std::unique(domains.begin(), domains.end()), domains.end());
  const auto ranks = static_cast<std::int64_t>(group.size()), count = static_cast<std::int64_t>(domains.size());
  const auto node = slowest_node(cluster, specification, group);
  const bool tree = specification.fabric.kind == topology::FabricKind::fat_tree;
  const bool host = node.interconnect != topology::Interconnect::nvswitch;
  const double nics = static_cast<double>(ranks) / static_cast<double>(count) * static_cast<double>(node.nics) /
                      static_cast<double>(node.gpus);
  return {.architecture = host ? bus_of(node.pcie) : architecture,
          .transport = specification.fabric.transport,
          .launch = calibration::Launch::graph,
          .ranks = ranks,
          .domains = count,
          .link = host ? node.pcie : node.nvlink,
          .network = node.nic * std::max(1.0, nics),
          .switches_add = tree && specification.fabric.transport == Transport::infiniband};
}

}  // namespace plenum::scenario
