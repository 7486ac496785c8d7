#include "topologies/motif.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

constexpr std::int64_t few = 4;  // switches of a dimension, of a group
constexpr std::int64_t few_groups = 5;
constexpr std::int64_t least_slim_fly = 5;
constexpr double edge = 12;  // around the drawing

struct Point {
  double x = 0, y = 0;
};

std::string cables_between(std::int64_t cables) { return cables == 1 ? "a cable" : fmt::format("{} cables", cables); }

std::string product_in_words(const SwitchGraphSpecification& graph) {
  constexpr std::array<std::string_view, 4> names{"ring", "line", "full", "switch"};
  std::vector<std::string> parts;
  for (const auto& dimension : graph.product)
    parts.push_back(fmt::format("{} of {}", names[static_cast<std::size_t>(dimension.kind)], dimension.size));
  return fmt::format("product of dimensions: {}", fmt::join(parts, " x "));
}

std::string grid_in_words(const ClusterSpecification& c) {
  const auto& graph = c.fabric.graph;
  const auto neighbours = c.fabric.kind == FabricKind::hyperx  ? "every switch joined to all others of its line"
                          : c.fabric.kind == FabricKind::torus ? "every line of switches closed to a ring"
                                                               : "every switch joined to the next of its line";
  auto text = fmt::format("{} switches; in each dimension {}, by {}", fmt::join(graph.dimensions, " x "), neighbours,
                          cables_between(graph.cables));
  if (!graph.cube.empty()) text += fmt::format("; cubes of {} joined optically", fmt::join(graph.cube, " x "));
  if (graph.twisted) text += "; twisted";
  return text;
}

std::string groups_in_words(const ClusterSpecification& c) {
  const auto& graph = c.fabric.graph;
  const bool plus = c.fabric.kind == FabricKind::dragonfly_plus;
  const auto per_pair = graph.groups < 2 ? 0 : graph.switches_per_group * graph.global_cables / (graph.groups - 1);
  return fmt::format("{} groups of {}, {} within a group; any two groups joined by {}", graph.groups,
                     plus ? fmt::format("{0} leaves and {0} spines", graph.switches_per_group)
                          : fmt::format("{} switches", graph.switches_per_group),
                     plus ? "every leaf joined to every spine" : "all joined to each other", cables_between(per_pair));
}

/// The same fabric with few switches; none for others.
SwitchGraph smaller(const ClusterSpecification& c) {
  const std::vector<std::int64_t> square{few, c.fabric.graph.dimensions.size() > 1 ? few : 1};
  switch (c.fabric.kind) {
    case FabricKind::torus:
      return product(square, Dimension::ring, 1);
    case FabricKind::mesh:
      return product(square, Dimension::line, 1);
    case FabricKind::hyperx:
      return product(square, Dimension::full, 1);
    case FabricKind::dragonfly:
      return dragonfly(few_groups, few, 1, 1);
    case FabricKind::slim_fly:
      return slim_fly(least_slim_fly, 1);
    default:
      return {};
  }
}

Point on_circle(double part, double radius, Point centre) {
  const double angle = 2 * std::numbers::pi * part;
  return {centre.x + radius * std::sin(angle), centre.y - radius * std::cos(angle)};
}

/// Grids as grids, groups as circles on a circle, others on one circle.
Point place(const ClusterSpecification& c, std::int64_t s, std::int64_t switches) {
  const double room = motif_size - 2 * edge;
  const Point middle{motif_size / 2, motif_size / 2};
  if (c.fabric.kind == FabricKind::slim_fly)
    return on_circle(static_cast<double>(s) / static_cast<double>(switches), room / 2, middle);
  if (c.fabric.kind == FabricKind::dragonfly) {
    const auto group = on_circle(static_cast<double>(s / few) / static_cast<double>(few_groups), room * 0.38, middle);
    return on_circle((static_cast<double>(s % few) + 0.5) / static_cast<double>(few), room * 0.12, group);
  }
  const double step = room / static_cast<double>(few - 1);
  return {edge + step * static_cast<double>(s % few), edge + step * static_cast<double>(s / few)};
}

/// Straight, or, where a grid's line passes other switches, bent around them.
std::string line(Point a, Point b, bool grid) {
  const double dx = b.x - a.x, dy = b.y - a.y;
  const bool passes = grid && std::hypot(dx, dy) > motif_size / (few - 1);
  const double bend = passes ? 0.18 : 0;
  return fmt::format(
      "<path d=\"M {:.1f} {:.1f} Q {:.1f} {:.1f} {:.1f} {:.1f}\" fill=\"none\" stroke=\"#9aa4b2\" "
      "stroke-width=\"0.8\"/>\n",
      a.x, a.y, (a.x + b.x) / 2 + bend * dy, (a.y + b.y) / 2 - bend * dx, b.x, b.y);
}

}  // namespace

std::string shape_in_words(const ClusterSpecification& c) {
  const auto& graph = c.fabric.graph;
  switch (c.fabric.kind) {
    case FabricKind::torus:
    case FabricKind::mesh:
    case FabricKind::hyperx:
      return grid_in_words(c);
    case FabricKind::dragonfly:
    case FabricKind::dragonfly_plus:
      return groups_in_words(c);
    case FabricKind::slim_fly:
      return fmt::format("Slim Fly of q = {}: {} switches of {} cables, any two at most two cables apart",
                         graph.dimensions[0], 2 * graph.dimensions[0] * graph.dimensions[0],
                         (3 * graph.dimensions[0] - 1) / 2 * graph.cables);
    case FabricKind::hamming_mesh:
      return fmt::format("{} x {} boards of {} x {}, each a mesh; switches join every row and every column",
                         graph.dimensions[2], graph.dimensions[3], graph.dimensions[0], graph.dimensions[1]);
    case FabricKind::product:
      return product_in_words(graph);
    case FabricKind::multi_plane:
      return fmt::format("{} planes; every NIC has a port in each, {} spines in each", graph.planes, graph.spines);
    default:
      return {};
  }
}

Motif motif(const ClusterSpecification& c) {
  const auto graph = smaller(c);
  if (graph.leaves == 0) return {};
  const bool grid = c.fabric.kind != FabricKind::dragonfly && c.fabric.kind != FabricKind::slim_fly;
  Motif motif{.caption = fmt::format("this shape with {} switches", graph.leaves)};
  const auto at = [&](std::int64_t s) { return place(c, s, graph.leaves); };
  for (const auto& cable : graph.cables) motif.svg += line(at(cable.a), at(cable.b), grid);
  for (std::int64_t s = 0; s < graph.leaves; ++s)
    motif.svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"#2f6db3\"/>\n", at(s).x, at(s).y,
                             graph.leaves > 20 ? 2.5 : 4.5);
  return motif;
}

}  // namespace plenum::topology
