// Small random clusters with broken cables, and random traffic on them.
#pragma once

#include <rapidcheck.h>

#include <memory>

#include "sim/datacenter/fabric.hpp"
#include "topologies/clusters.hpp"

namespace plenum::datacenter::test {

struct RandomFabric {
  topology::ClusterSpecification specification;
  topology::Cluster cluster;
  std::unique_ptr<topology::Network> network;
  std::uint32_t gpus() const { return static_cast<std::uint32_t>(cluster.gpus.size()); }
};

/// Can be built, has 2 to 48 GPUs, and they all reach each other.
inline bool possible(const topology::ClusterSpecification& specification) {
  const auto gpus = specification.nodes * specification.node.gpus;
  const bool joined = specification.fabric.levels > 0 || specification.nodes <= specification.node.nvlink_domain_nodes;
  return gpus >= 2 && gpus <= 48 && joined && topology::check(specification).empty();
}

/// Half of the clusters have up to three degraded cables.
inline std::unique_ptr<RandomFabric> arbitrary_fabric() {
  auto fabric = std::make_unique<RandomFabric>();
  do fabric->specification = topology::arbitrary_cluster();
  while (!possible(fabric->specification));
  fabric->cluster = topology::build(fabric->specification);
  auto& graph = fabric->cluster.graph;
  for (auto broken = *rc::gen::elementOf(std::vector{0, 0, 0, 1, 2, 3}); broken > 0; --broken) {
    const auto edge = *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(num_edges(graph)));
    graph[edge_from_index(edge, graph)].bandwidth = graph[edge_from_index(edge, graph)].bandwidth * 0.5;
  }
  fabric->network = topology::make_network(fabric->cluster, fabric->specification);
  return fabric;
}

/// Blocks of neighbours (tensor parallel), strided groups (data parallel), and messages to a rank further on
/// (pipeline), of kinds 1, 2 and 3; now and then a rank is slow.
inline Traffic arbitrary_traffic(const RandomFabric& fabric) {
  Traffic traffic;
  const auto gpus = fabric.gpus();
  std::vector<std::uint32_t> divisors;
  for (std::uint32_t d = 1; d <= gpus; ++d) {
    if (gpus % d == 0) divisors.push_back(d);
  }
  const auto block = *rc::gen::elementOf(divisors), slow = *rc::gen::inRange<std::uint32_t>(0, 2 * gpus);
  for (std::uint32_t gpu = 0; gpu < gpus; ++gpu) traffic.add_rank(gpu, gpu == slow ? 1 : 0);
  const auto domain = fabric.specification.node.gpus * fabric.specification.node.nvlink_domain_nodes;
  const auto add_ring = [&](std::uint64_t kind, std::uint32_t first, std::uint32_t count, std::uint32_t stride) {
    std::vector<Member> members;
    std::vector<std::uint32_t> domains;
    for (std::uint32_t i = 0; i < count; ++i) {
      members.push_back({first + i * stride});
      domains.push_back(static_cast<std::uint32_t>(members.back().rank / domain));
    }
    traffic.add_group(kind, members, workload::ring(workload::CollectiveKind::all_gather, domains));
  };
  for (std::uint32_t first = 0; first < gpus; first += block) add_ring(1, first, block, 1);
  for (std::uint32_t first = 0; first < block; ++first) add_ring(2, first, gpus / block, block);
  const auto distance = *rc::gen::inRange<std::uint32_t>(1, gpus);
  const workload::Pattern message{.flows = {{0, 1, 1.0}}, .steps = 1, .inter_node_steps = 0};
  for (std::uint32_t from = 0; from < gpus; ++from) {
    const Member ends[] = {{from, 0}, {(from + distance) % gpus, 1}};
    traffic.add_group(3, ends, message);
  }
  return traffic;
}

}  // namespace plenum::datacenter::test
