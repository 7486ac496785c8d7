#include "topologies/materials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

namespace plenum::topology {
namespace {

// A 64-port 400 Gb/s InfiniBand switch 36,000 $, cable with optics 1,280 $ per 400 Gb/s link: tech-talk-cto, "GPU
// cluster capital expenditure" sheet (August 2024). Other rates and port counts in proportion.
constexpr double switch_price_per_rate = 36000 / (64 * 50e9);  // $ per B/s of all ports
constexpr double link_price_per_rate = 1280 / 50e9;            // $ per B/s of the cable
// NVIDIA QM9700 data sheet: 747 W with passive cables, 64 ports of 400 Gb/s; MMS4X00-NS400 transceiver: 9 W
// (docs.nvidia.com).
constexpr double switch_power_per_rate = 747 / (64 * 50e9);
constexpr double optic_power_per_rate = 9 / 50e9;
constexpr std::int64_t optics_per_cable = 2;

void add_switches(const Cluster& cluster, bool in_nodes, BillOfMaterials& bill) {
  std::map<std::pair<VertexKind, std::size_t>, Material> kinds;
  for (const auto kind : {VertexKind::leaf, VertexKind::spine, VertexKind::core}) {
    if (kind == VertexKind::leaf && in_nodes) continue;
    for (std::int64_t i = 0; i < cluster.numbers.count(kind); ++i) {
      double rate = 0;
      std::size_t ports = 0;
      for (const auto edge : edges_from(cluster.numbers.of(kind, i), cluster.graph))
        rate += cluster.graph[edge].bandwidth.value(), ++ports;
      auto& line = kinds[{kind, ports}];
      const auto& vertex = cluster.graph[cluster.numbers.of(kind, i)];
      line.what =
          fmt::format("{} switch, {} ports in use", name_of(vertex).substr(0, name_of(vertex).find(' ')), ports);
      ++line.count;
      line.price += Dollars(rate * switch_price_per_rate);
      line.power += Watts(rate * switch_power_per_rate);
    }
  }
  for (auto& [kind, line] : kinds) bill.lines.push_back(line);
}

/// As in TPU v4, the two ends of the same line of places through every cube meet in one optical circuit switch, so that
/// any cubes form a slice (N. Jouppi et al., "TPU v4", ISCA 2023: 48 of them for 64 cubes of 4 x 4 x 4, 128 ports in
/// use). What they cost and draw isn't published (less than 5 % and 3 % of the whole system, says the paper).
void add_circuit_switches(const SwitchGraphSpecification& graph, BillOfMaterials& bill) {
  if (graph.cube.empty()) return;
  std::int64_t cubes = 1, places = 1, lines = 0;
  for (std::size_t d = 0; d < graph.cube.size(); ++d)
    cubes *= graph.dimensions[d] / graph.cube[d], places *= graph.cube[d];
  for (const auto size : graph.cube) lines += places / size;
  bill.lines.push_back({.what = fmt::format("optical circuit switch, {} ports in use", 2 * cubes),
                        .count = lines * graph.cables,
                        .published = false});
}

/// Neighbours in one cube; all others meet through an optical circuit switch.
bool in_one_cube(const SwitchGraphSpecification& graph, std::int64_t a, std::int64_t b) {
  std::int64_t apart = 0;
  for (std::size_t d = 0; d < graph.cube.size(); ++d) {
    const auto x = a % graph.dimensions[d], y = b % graph.dimensions[d];
    if (x / graph.cube[d] != y / graph.cube[d]) return false;
    apart += std::abs(x - y);
    a /= graph.dimensions[d], b /= graph.dimensions[d];
  }
  return apart == 1;
}

void add_cables(const Cluster& cluster, const SwitchGraphSpecification& graph, BillOfMaterials& bill) {
  Material to_nics, between, inside;
  to_nics.what = "cable between NIC and switch, two transceivers each";
  between.what = graph.cube.empty() ? "cable between switches, two transceivers each"
                                    : "cable between cubes, two transceivers each";
  inside.what = "cable inside a cube, priced like the others";
  const auto first = cluster.numbers.of(VertexKind::leaf, 0);
  for (VertexId s = first; s < num_vertices(cluster.graph); ++s)
    for (const auto edge : edges_from(s, cluster.graph)) {
      const auto to = target(edge, cluster.graph);
      if (to >= first && to < s) continue;  // counted at its other end
      if (to < first && graph.in_nodes) continue;
      const bool wired = to >= first && !graph.cube.empty() && in_one_cube(graph, s - first, to - first);
      auto& line = wired ? inside : to >= first ? between : to_nics;
      const double rate = cluster.graph[edge].bandwidth.value();
      ++line.count;
      line.price += Dollars(rate * link_price_per_rate);
      line.power += Watts(rate * optic_power_per_rate * optics_per_cable);
    }
  if (!graph.in_nodes) bill.lines.push_back(to_nics);
  bill.lines.push_back(between);
  if (!graph.cube.empty()) bill.lines.push_back(inside);
}

void add_nvswitches(const Cluster& cluster, const NodeSpecification& node, BillOfMaterials& bill) {
  const auto chips = cluster.numbers.count(VertexKind::nvswitch) * node.nvswitch_chips;
  if (node.interconnect != Interconnect::nvswitch || chips == 0) return;
  bill.lines.push_back({.what = "NVSwitch chip", .count = chips, .in_nodes = true});
}

}  // namespace

Dollars BillOfMaterials::price() const {
  Dollars sum{};
  for (const auto& line : lines) sum += line.price;
  return sum;
}

Watts BillOfMaterials::power() const {
  Watts sum{};
  for (const auto& line : lines) sum += line.power;
  return sum;
}

bool BillOfMaterials::complete() const { return std::ranges::all_of(lines, &Material::published); }

BillOfMaterials bill_of_materials(const Cluster& cluster, const ClusterSpecification& specification) {
  const auto& graph = specification.fabric.graph;
  BillOfMaterials bill;
  add_switches(cluster, graph.in_nodes, bill);
  add_cables(cluster, graph, bill);
  add_circuit_switches(graph, bill);
  add_nvswitches(cluster, specification.node, bill);
  return bill;
}

}  // namespace plenum::topology
