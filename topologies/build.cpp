// From a specification to a cluster graph.
#include <algorithm>
#include <numeric>
#include <set>

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
          kind, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(parent_of(kind, i, specification, shape)),
          kind == VertexKind::nvswitch && specification.node.interconnect != Interconnect::nvswitch};
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

std::pair<VertexId, VertexId> ordered(VertexId a, VertexId b) { return {std::min(a, b), std::max(a, b)}; }

/// What has failed is taken out of the graph, in both directions.
Wiring what_is_left(const Cluster& cluster, const ClusterSpecification& specification) {
  std::set<std::pair<VertexId, VertexId>> cables;
  std::set<VertexId> switches;
  for (const auto& name : specification.failed_switches) switches.insert(find_vertex(cluster, name));
  for (const auto& link : specification.degraded_links)
    if (link.factor == 0) cables.insert(ordered(find_vertex(cluster, link.from), find_vertex(cluster, link.to)));
  Wiring left;
  for (const EdgeId edge : boost::make_iterator_range(edges(cluster.graph))) {
    const auto a = source(edge, cluster.graph), b = target(edge, cluster.graph);
    if (cables.contains(ordered(a, b)) || switches.contains(a) || switches.contains(b)) continue;
    left.edges.emplace_back(a, b);
    left.links.push_back(cluster.graph[edge]);
  }
  return left;
}

void wire(const Wiring& wiring, const ClusterSpecification& specification, const FatTreeShape& shape,
          Cluster& cluster) {
  cluster.graph = Graph(boost::edges_are_unsorted_multi_pass, wiring.edges.begin(), wiring.edges.end(),
                        wiring.links.begin(), cluster.numbers.first.back());
  label_vertices(specification, shape, cluster);
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
  wire(wiring, specification, shape, cluster);
  if (specification.broken()) wire(what_is_left(cluster, specification), specification, shape, cluster);
  for (const DegradedLink& link : specification.degraded_links)
    if (link.factor > 0) degrade(cluster, link);
  return cluster;
}

}  // namespace plenum::topology
