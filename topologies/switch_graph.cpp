#include "topologies/switch_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "topologies/limits.hpp"
#include "topologies/node.hpp"

namespace plenum::topology {
namespace {

std::int64_t product_of(const std::vector<std::int64_t>& sizes) {
  std::int64_t switches = sizes.empty() ? 0 : 1;
  for (const auto size : sizes) {
    switches *= size;
    if (switches > most_switches) return switches;
  }
  return switches;
}

std::vector<std::int64_t> sizes_of(const std::vector<ProductDimension>& dimensions) {
  std::vector<std::int64_t> sizes;
  for (const auto& dimension : dimensions) sizes.push_back(dimension.size);
  return sizes;
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
    case FabricKind::hamming_mesh:
      return g.dimensions.size() == 4 ? product_of(g.dimensions) : 0;
    case FabricKind::product:
      return product_of(sizes_of(g.product));
    case FabricKind::custom:
      return g.switches;
    case FabricKind::multi_plane:
      return (c.nodes + g.nodes_per_switch - 1) / g.nodes_per_switch;
    default:
      return product_of(g.dimensions);
  }
}

/// Cables at one switch of a dimension, each told once; as a double, which no size overflows.
double cables_upwards(Dimension kind, std::int64_t size) {
  return kind == Dimension::full ? static_cast<double>(size - 1) / 2 : 1;
}

/// Cables between switches, at most.
double most_cables_of(const ClusterSpecification& c) {
  const auto& g = c.fabric.graph;
  const auto a = static_cast<double>(g.switches_per_group), groups = static_cast<double>(g.groups);
  const auto places = static_cast<double>(places_of(c));
  switch (c.fabric.kind) {
    case FabricKind::dragonfly:
    case FabricKind::dragonfly_plus:
      return groups * a * a * static_cast<double>(g.cables) + groups * a * static_cast<double>(g.global_cables);
    case FabricKind::slim_fly:
      return places * 2 * std::sqrt(places) * static_cast<double>(g.cables);
    case FabricKind::multi_plane:
      return places * static_cast<double>(g.planes * c.node.nics) * static_cast<double>(g.spines * g.cables);
    case FabricKind::custom:
      return std::accumulate(g.links.begin(), g.links.end(), 0.0,
                             [](double sum, const CustomCable& link) { return sum + static_cast<double>(link.count); });
    default:
      double each = 0;
      for (const auto& dimension : g.product) each += cables_upwards(dimension.kind, dimension.size);
      for (const auto size : g.dimensions)
        each += cables_upwards(c.fabric.kind == FabricKind::hyperx ? Dimension::full : Dimension::ring, size);
      return places * each * static_cast<double>(g.cables);
  }
}

std::optional<Problem> custom_problem(const ClusterSpecification& c) {
  const auto& g = c.fabric.graph;
  for (std::size_t i = 0; i < g.links.size(); ++i) {
    const auto& link = g.links[i];
    if (link.from == link.to || std::max(link.from, link.to) >= g.switches)
      return Problem{fmt::format("/fabric/graph/links/{}", i),
                     fmt::format("a cable joins two of the {} switches, numbered from 0", g.switches)};
  }
  if (g.nic_switches.size() % static_cast<std::size_t>(c.nodes * c.node.nics) != 0)
    return Problem{"/fabric/graph/nic_switches",
                   fmt::format("{} switches for the ports of {} NICs", g.nic_switches.size(), c.nodes * c.node.nics)};
  for (const auto at : g.nic_switches)
    if (at < 0 || at >= g.switches)
      return Problem{"/fabric/graph/nic_switches", fmt::format("there is no switch {} among {}", at, g.switches)};
  return std::nullopt;
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
  if (c.fabric.kind == FabricKind::hamming_mesh && g.dimensions.size() != 4)
    return Problem{"/fabric/graph/dimensions",
                   "a HammingMesh needs four dimensions: columns and rows of a board, columns and rows of boards"};
  if (c.fabric.kind == FabricKind::product && g.product.empty())
    return Problem{"/fabric/graph/product", "a product needs dimensions: [{\"kind\": \"ring\", \"size\": 4}]"};
  if (c.fabric.kind == FabricKind::custom && g.switches == 0)
    return Problem{"/fabric/graph/switches", "a custom fabric needs switches"};
  if (places_of(c) == 0) return Problem{"/fabric/graph/dimensions", "this fabric needs its dimensions: [4, 4, 4]"};
  return std::nullopt;
}

/// Slices are whole cubes, at least one; rings close over the same circuits whatever lies between.
std::optional<Problem> cube_problem(const ClusterSpecification& c) {
  const auto& g = c.fabric.graph;
  if ((!g.cube.empty() || g.twisted) && c.fabric.kind != FabricKind::torus)
    return Problem{"/fabric/graph", "cubes and twists are for the torus"};
  if (!g.cube.empty() && g.cube.size() != g.dimensions.size())
    return Problem{"/fabric/graph/cube",
                   fmt::format("{} dimensions, the torus has {}", g.cube.size(), g.dimensions.size())};
  for (std::size_t d = 0; d < g.cube.size(); ++d)
    if (g.dimensions[d] % g.cube[d] != 0)
      return Problem{
          "/fabric/graph/dimensions",
          fmt::format("{} is no multiple of the cube's {}: slices are whole cubes", g.dimensions[d], g.cube[d])};
  if (g.twisted && !has_twisted_torus(g.dimensions))
    return Problem{"/fabric/graph/twisted", "a twisted torus is k x k x 2k: [4, 4, 8]"};
  return std::nullopt;
}

/// A leaf of a row takes whole boards; spines one cable of each leaf, or several.
std::optional<Problem> row_problem(const ClusterSpecification& c) {
  const auto& g = c.fabric.graph;
  if (c.fabric.kind != FabricKind::hamming_mesh) return std::nullopt;
  for (const auto boards : {g.dimensions[2], g.dimensions[3]})
    if (!row_switches(boards, g.cables, c.fabric.switch_ports))
      return Problem{"/fabric/switch_ports",
                     fmt::format("two levels of switches with {} ports don't join the {} cables of a row of {} boards",
                                 c.fabric.switch_ports, 2 * boards * g.cables, boards)};
  return std::nullopt;
}

std::optional<Problem> routing_problem(const ClusterSpecification& c) {
  const auto kind = c.fabric.kind;
  const bool product = kind == FabricKind::torus || kind == FabricKind::mesh || kind == FabricKind::hyperx;
  if (c.fabric.routing == RoutingKind::dimension_order && !product)
    return Problem{"/fabric/routing", "dimension_order is for torus, mesh and hyperx"};
  if (c.fabric.routing == RoutingKind::dimension_order && c.fabric.graph.twisted)
    return Problem{"/fabric/routing",
                   "dimension_order goes straight; a twisted torus needs adaptive, ecmp or destination"};
  return std::nullopt;
}

void plug_nics(const ClusterSpecification& c, SwitchGraph& graph) {
  graph.switch_of_nic = c.fabric.graph.nic_switches;
  if (!graph.switch_of_nic.empty()) return;
  const std::int64_t per_switch = c.fabric.graph.nodes_per_switch;
  for (std::int64_t node = 0; node < c.nodes; ++node)
    for (std::int64_t nic = 0; nic < c.node.nics; ++nic)
      for (std::int64_t plane = 0; plane < graph.planes; ++plane) {
        const auto segments = graph.leaves / std::max<std::int64_t>(1, graph.planes * c.node.nics);
        const auto leaf = (plane * segments + node / per_switch) * c.node.nics + nic;
        graph.switch_of_nic.push_back(c.fabric.kind == FabricKind::multi_plane ? leaf : node / per_switch);
      }
}

/// Every NIC has equally many ports.
SwitchGraph custom(const ClusterSpecification& c) {
  const auto& g = c.fabric.graph;
  const auto ports = static_cast<std::int64_t>(g.nic_switches.size()) / (c.nodes * c.node.nics);
  SwitchGraph graph{.leaves = g.switches, .spines = 0, .cables = {}, .planes = std::max<std::int64_t>(1, ports)};
  for (const auto& link : g.links)
    graph.cables.push_back({link.from, link.to, link.count, link.bandwidth, link.latency});
  return graph;
}

/// Groups of a Dragonfly+ have leaves and spines, but NICs stand at leaves: leaves are numbered before all spines.
SwitchGraph cabled(const ClusterSpecification& c) {
  const auto& g = c.fabric.graph;
  switch (c.fabric.kind) {
    case FabricKind::torus:
      return g.twisted ? twisted_torus(g.dimensions, g.cables) : product(g.dimensions, Dimension::ring, g.cables);
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
    case FabricKind::product:
      return product(g.product, g.cables);
    case FabricKind::hamming_mesh:
      return hamming_mesh(g.dimensions, g.cables, c.fabric.switch_ports);
    case FabricKind::custom:
      return custom(c);
    case FabricKind::multi_plane:
      return planes(g.planes, places_of(c), c.node.nics, g.spines, g.cables);
    default:
      return {};
  }
}

}  // namespace

std::optional<Problem> switch_graph_problem(const ClusterSpecification& c) {
  if (auto problem = shape_problem(c)) return problem;
  for (const auto find : {cube_problem, row_problem, routing_problem})
    if (auto problem = find(c)) return problem;
  const auto places = places_of(c), per_switch = c.fabric.graph.nodes_per_switch;
  if (c.fabric.kind == FabricKind::custom)
    if (auto problem = custom_problem(c)) return problem;
  if (c.fabric.graph.in_nodes && (per_switch > 1 || !c.fabric.graph.nic_switches.empty()))
    return Problem{"/fabric/graph/in_nodes", "a switch that is a part of a node has that node alone"};
  if (places <= most_switches && most_cables_of(c) > static_cast<double>(most_cables))
    return Problem{"/fabric/graph", fmt::format("more than {} cables are not supported", most_cables)};
  if (places > most_switches)
    return Problem{"/fabric/graph", fmt::format("more than {} switches are not supported", most_switches)};
  if (c.fabric.graph.nic_switches.empty() && c.nodes > places * per_switch)
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
  for (std::size_t i = 0; i < graph.switch_of_nic.size(); ++i) {
    const auto nic = static_cast<std::int64_t>(i) / graph.planes;
    const auto rate = node_at(c, nic / c.node.nics).nic / static_cast<double>(graph.planes);
    const auto most = c.fabric.graph.in_nodes ? rate : std::min(rate, c.fabric.link);
    const Link port{most, c.fabric.link_latency, LinkKind::cable};
    wiring.connect(numbers.of(VertexKind::nic, nic), vertex_of_switch(numbers, graph.switch_of_nic[i]), port);
  }
  for (const auto& cable : graph.cables) {
    const Link link{cable.bandwidth > BytesPerSecond{} ? cable.bandwidth : c.fabric.link,
                    cable.latency > Seconds{} ? cable.latency : c.fabric.link_latency, LinkKind::cable};
    for (std::int64_t k = 0; k < cable.count; ++k)
      wiring.connect(vertex_of_switch(numbers, cable.a), vertex_of_switch(numbers, cable.b), link);
  }
}

}  // namespace plenum::topology
