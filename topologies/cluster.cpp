#include "topologies/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/strong_components.hpp>
#include <charconv>
#include <string_view>

namespace plenum::topology {
namespace {

constexpr std::array<std::string_view, vertex_kinds> kind_names{"gpu", "nvswitch", "nic", "leaf", "spine", "core"};
constexpr std::string_view host = "host";
constexpr auto domain_kind = static_cast<std::size_t>(VertexKind::nvswitch);

/// Cables between the kinds, counted once: in the direction away from the GPUs.
std::int64_t cables(const Graph& graph, const VertexNumbers& numbers, VertexKind from, VertexKind to) {
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < numbers.count(from); ++i) {
    for (const EdgeId edge : edges_from(numbers.of(from, i), graph)) {
      found += graph[target(edge, graph)].kind == to;
    }
  }
  return found;
}

}  // namespace

void Wiring::connect(VertexId a, VertexId b, const Link& link) {
  edges.emplace_back(a, b);
  edges.emplace_back(b, a);
  links.insert(links.end(), 2, link);
}

Counts count(const Cluster& cluster) {
  const VertexNumbers& n = cluster.numbers;
  return {.gpus = n.count(VertexKind::gpu),
          .nodes = cluster.nodes,
          .nvswitches = n.count(VertexKind::nvswitch),
          .nics = n.count(VertexKind::nic),
          .leaf = n.count(VertexKind::leaf),
          .spine = n.count(VertexKind::spine),
          .core = n.count(VertexKind::core),
          .node_leaf_cables = cables(cluster.graph, n, VertexKind::nic, VertexKind::leaf),
          .leaf_spine_cables = cables(cluster.graph, n, VertexKind::leaf, VertexKind::spine),
          .spine_core_cables = cables(cluster.graph, n, VertexKind::spine, VertexKind::core)};
}

bool connected(const Cluster& cluster, std::span<const std::uint32_t> gpus) {
  std::vector<std::uint32_t> component(num_vertices(cluster.graph));
  boost::strong_components(
      cluster.graph, boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, cluster.graph)));
  return std::ranges::all_of(
      gpus, [&](std::uint32_t gpu) { return component[cluster.gpus[gpu]] == component[cluster.gpus[gpus[0]]]; });
}

std::string name_of(const Vertex& vertex) {
  return fmt::format("{} {}", vertex.host ? host : kind_names[static_cast<std::size_t>(vertex.kind)], vertex.index);
}

VertexId find_vertex(const Cluster& cluster, const std::string& name) {
  const auto space = std::min(name.find(' '), name.size());
  const auto word = std::string_view(name).substr(0, space);
  const auto kind = std::ranges::find(kind_names, word == host ? kind_names[domain_kind] : word);
  std::uint32_t index = 0;
  const char* end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data() + std::min(space + 1, name.size()), end, index);
  if (kind == kind_names.end() || error != std::errc{} || stopped != end) return Graph::null_vertex();
  const auto vertex_kind = static_cast<VertexKind>(kind - kind_names.begin());
  if (index >= cluster.numbers.count(vertex_kind)) return Graph::null_vertex();
  const auto found = cluster.numbers.of(vertex_kind, index);
  return cluster.graph[found].host == (word == host) ? found : Graph::null_vertex();
}

}  // namespace plenum::topology
