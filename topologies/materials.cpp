#include "topologies/materials.hpp"

#include <fmt/format.h>

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

void add_switches(const Cluster& cluster, BillOfMaterials& bill) {
  std::map<std::pair<VertexKind, std::size_t>, Material> kinds;
  for (const auto kind : {VertexKind::leaf, VertexKind::spine, VertexKind::core})
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
  for (auto& [kind, line] : kinds) bill.lines.push_back(line);
}

void add_cables(const Cluster& cluster, BillOfMaterials& bill) {
  Material to_nics, between;
  to_nics.what = "cable between NIC and switch, with optics";
  between.what = "cable between switches, with optics";
  const auto first = cluster.numbers.of(VertexKind::leaf, 0);
  for (VertexId s = first; s < num_vertices(cluster.graph); ++s)
    for (const auto edge : edges_from(s, cluster.graph)) {
      const auto to = target(edge, cluster.graph);
      if (to >= first && to < s) continue;  // counted at its other end
      auto& line = to >= first ? between : to_nics;
      const double rate = cluster.graph[edge].bandwidth.value();
      ++line.count;
      line.price += Dollars(rate * link_price_per_rate);
      line.power += Watts(rate * optic_power_per_rate * optics_per_cable);
    }
  bill.lines.push_back(to_nics);
  bill.lines.push_back(between);
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

BillOfMaterials bill_of_materials(const Cluster& cluster) {
  BillOfMaterials bill;
  add_switches(cluster, bill);
  add_cables(cluster, bill);
  return bill;
}

}  // namespace plenum::topology
