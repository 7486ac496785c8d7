// From a specification to a cluster graph.
#include <numeric>

#include "topologies/fat_tree.hpp"
#include "topologies/node.hpp"
#include "topologies/specification.hpp"
#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

VertexNumbers number_vertices(const ClusterSpecification& cluster, const FatTreeShape& shape,
                              const SwitchGraph& switches) {
  const std::array<std::int64_t, vertex_kinds> counts{
      cluster.nodes * cluster.node.gpus, nvlink_domains(cluster),          nics(cluster),
      shape.leaves() + switches.leaves,  shape.spines() + switches.spines, shape.cores()};
  VertexNumbers numbers;
  for (std::size_t k = 0; k < vertex_kinds; ++k)
    numbers.first[k + 1] = numbers.first[k] + static_cast<VertexId>(counts[k]);
  return numbers;
}

std::int64_t parent_of(VertexKind kind, std::int64_t index, const ClusterSpecification& cluster,
                       const FatTreeShape& shape) {
  switch (kind) {
    case VertexKind::gpu:
      return index / cluster.node.gpus;
    case VertexKind::nvswitch:
      return index * cluster.node.nvlink_domain_nodes;
    case VertexKind::nic:
      return index / cluster.node.nics;
    case VertexKind::leaf:
      return shape.groups > 0 ? shape.pod_of_leaf(index) : 0;
    case VertexKind::spine:
      return shape.spines_per_pod > 0 ? index / shape.spines_per_pod : 0;
    case VertexKind::core:
      return 0;
  }
  return 0;
}

void label_vertices(const ClusterSpecification& specification, const FatTreeShape& shape, Cluster& cluster) {
  for (std::size_t k = 0; k < vertex_kinds; ++k) {
    const auto kind = static_cast<VertexKind>(k);
    for (std::int64_t i = 0; i < cluster.numbers.count(kind); ++i) {
      cluster.graph[cluster.numbers.of(kind, i)] = {
          kind, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(parent_of(kind, i, specification, shape))};
    }
  }
}

/// All parallel cables from `from` to `to`, in that direction only.
void degrade(Cluster& cluster, const DegradedLink& link) {
  const VertexId to = find_vertex(cluster, link.to);
  for (const EdgeId edge : edges_from(find_vertex(cluster, link.from), cluster.graph)) {
    if (target(edge, cluster.graph) == to) {
      cluster.graph[edge].bandwidth = cluster.graph[edge].bandwidth * link.factor;
    }
  }
}

}  // namespace

Cluster build(const ClusterSpecification& specification) {
  const FatTreeShape shape = fat_tree_shape(specification).shape;
  const SwitchGraph switches = switch_graph(specification);
  Cluster cluster;
  cluster.numbers = number_vertices(specification, shape, switches);
  cluster.nodes = specification.nodes;
  cluster.gpus_per_node = specification.node.gpus;
  cluster.pods = std::max<std::int64_t>(1, shape.pods);
  cluster.gpus.resize(static_cast<std::size_t>(cluster.numbers.count(VertexKind::gpu)));
  std::iota(cluster.gpus.begin(), cluster.gpus.end(), cluster.numbers.of(VertexKind::gpu, 0));

  Wiring wiring;
  const auto edges =
      static_cast<std::size_t>(2 * (2 * specification.nodes * specification.node.gpus + nics(specification) +
                                    shape.leaves() * shape.leaf_up + shape.spines() * shape.spine_up));
  wiring.edges.reserve(edges);
  wiring.links.reserve(edges);
  wire_nodes(specification, cluster.numbers, wiring);
  wire_fat_tree(specification, shape, cluster.numbers, wiring);
  wire_switch_graph(specification, switches, cluster.numbers, wiring);
  cluster.graph = Graph(boost::edges_are_unsorted_multi_pass, wiring.edges.begin(), wiring.edges.end(),
                        wiring.links.begin(), cluster.numbers.first.back());
  label_vertices(specification, shape, cluster);
  for (const DegradedLink& link : specification.degraded_links) degrade(cluster, link);
  return cluster;
}

}  // namespace plenum::topology
