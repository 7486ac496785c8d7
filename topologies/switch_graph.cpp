#include "topologies/switch_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace plenum::topology {
namespace {

constexpr std::int64_t most_switches = 1 << 18;

std::int64_t product_of(const std::vector<std::int64_t>& sizes) {
  std::int64_t switches = sizes.empty() ? 0 : 1;
  for (const auto size : sizes) {
    switches *= size;
    if (switches > most_switches) return switches;
  }
  return switches;
}

/// Switches that NICs can be plugged into; 0: the shape is not described.
std::int64_t places_of(const ClusterSpecification& c) {
  const auto& g = c.fabric.graph;
  switch (c.fabric.kind) {
    case FabricKind::dragonfly:
    case FabricKind::dragonfly_plus:
      return g.groups * g.switches_per_group;
    case FabricKind::slim_fly:
      return g.dimensions.size() == 1 ? 2 * g.dimensions[0] * g.dimensions[0] : 0;
    case FabricKind::multi_plane:
      return (c.nodes + g.nodes_per_switch - 1) / g.nodes_per_switch;
    default:
      return product_of(g.dimensions);
  }
}

std::optional<Problem> shape_problem(const ClusterSpecification& c) {
  const auto& g = c.fabric.graph;
  const bool grouped = c.fabric.kind == FabricKind::dragonfly || c.fabric.kind == FabricKind::dragonfly_plus;
  if (grouped && (g.groups < 1 || g.switches_per_group < 1))
    return Problem{"/fabric/graph/groups", "a dragonfly needs groups and switches_per_group"};
  if (grouped && g.groups > 1 && g.switches_per_group * g.global_cables < g.groups - 1)
    return Problem{"/fabric/graph/global_cables", fmt::format("{} global cables of a group don't reach {} other groups",
                                                              g.switches_per_group * g.global_cables, g.groups - 1)};
  if (c.fabric.kind == FabricKind::slim_fly && (g.dimensions.size() != 1 || !has_slim_fly(g.dimensions[0])))
    return Problem{"/fabric/graph/dimensions", "a Slim Fly needs one prime q with q mod 4 = 1: 5, 13, 17, 29, 37, 41"};
  if (c.fabric.kind == FabricKind::multi_plane && g.spines < 1)
    return Problem{"/fabric/graph/spines", "planes need spines"};
  if (places_of(c) == 0) return Problem{"/fabric/graph/dimensions", "this fabric needs its dimensions: [4, 4, 4]"};
  return std::nullopt;
}

std::optional<Problem> routing_problem(const ClusterSpecification& c) {
  const auto kind = c.fabric.kind;
  const bool product = kind == FabricKind::torus || kind == FabricKind::mesh || kind == FabricKind::hyperx;
  if (c.fabric.routing == RoutingKind::dimension_order && !product)
    return Problem{"/fabric/routing", "dimension_order is for torus, mesh and hyperx"};
  return std::nullopt;
}

void plug_nics(const ClusterSpecification& c, SwitchGraph& graph) {
  const std::int64_t per_switch = c.fabric.graph.nodes_per_switch;
  for (std::int64_t node = 0; node < c.nodes; ++node)
    for (std::int64_t nic = 0; nic < c.node.nics; ++nic)
      for (std::int64_t plane = 0; plane < graph.planes; ++plane) {
        const auto segments = graph.leaves / std::max<std::int64_t>(1, graph.planes * c.node.nics);
        const auto leaf = (plane * segments + node / per_switch) * c.node.nics + nic;
        graph.switch_of_nic.push_back(c.fabric.kind == FabricKind::multi_plane ? leaf : node / per_switch);
      }
}

/// Groups of a Dragonfly+ have leaves and spines, but NICs stand at leaves: leaves are numbered before all spines.
SwitchGraph cabled(const ClusterSpecification& c) {
  const auto& g = c.fabric.graph;
  switch (c.fabric.kind) {
    case FabricKind::torus:
      return product(g.dimensions, Dimension::ring, g.cables);
    case FabricKind::mesh:
      return product(g.dimensions, Dimension::line, g.cables);
    case FabricKind::hyperx:
      return product(g.dimensions, Dimension::full, g.cables);
    case FabricKind::dragonfly:
      return dragonfly(g.groups, g.switches_per_group, g.global_cables, g.cables);
    case FabricKind::dragonfly_plus:
      return dragonfly_plus(g.groups, g.switches_per_group, g.global_cables, g.cables);
    case FabricKind::slim_fly:
      return slim_fly(g.dimensions.front(), g.cables);
    case FabricKind::multi_plane:
      return planes(g.planes, places_of(c), c.node.nics, g.spines, g.cables);
    default:
      return {};
  }
}

}  // namespace

std::optional<Problem> switch_graph_problem(const ClusterSpecification& c) {
  if (auto problem = shape_problem(c)) return problem;
  if (auto problem = routing_problem(c)) return problem;
  const auto places = places_of(c), per_switch = c.fabric.graph.nodes_per_switch;
  if (places > most_switches)
    return Problem{"/fabric/graph", fmt::format("more than {} switches are not supported", most_switches)};
  if (c.nodes > places * per_switch)
    return Problem{"/nodes",
                   fmt::format("{} nodes, but {} switches take {} of them each", c.nodes, places, per_switch)};
  return std::nullopt;
}

SwitchGraph switch_graph(const ClusterSpecification& c) {
  if (!is_switch_graph(c.fabric.kind)) return {};
  auto graph = cabled(c);
  plug_nics(c, graph);
  return graph;
}

VertexId vertex_of_switch(const VertexNumbers& numbers, std::int64_t number) {
  return numbers.of(VertexKind::leaf, number);  // spines follow the leaves
}

void wire_switch_graph(const ClusterSpecification& c, const SwitchGraph& graph, const VertexNumbers& numbers,
                       Wiring& wiring) {
  const Link port{std::min(c.node.nic / static_cast<double>(graph.planes), c.fabric.link), c.fabric.link_latency,
                  LinkKind::cable};
  for (std::size_t i = 0; i < graph.switch_of_nic.size(); ++i) {
    const auto nic = static_cast<std::int64_t>(i) / graph.planes;
    wiring.connect(numbers.of(VertexKind::nic, nic), vertex_of_switch(numbers, graph.switch_of_nic[i]), port);
  }
  const Link cable{c.fabric.link, c.fabric.link_latency, LinkKind::cable};
  for (const auto& [a, b, count] : graph.cables)
    for (std::int64_t k = 0; k < count; ++k)
      wiring.connect(vertex_of_switch(numbers, a), vertex_of_switch(numbers, b), cable);
}

}  // namespace plenum::topology
