#include <algorithm>

#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

/// Places of one row (or column), `step` apart from `first` on: boards of `length` places that are lines, and the
/// switches that both ends of every board are cabled to.
void join_line(std::int64_t first, std::int64_t step, std::int64_t length, std::int64_t boards, std::int64_t cables,
               const RowSwitches& row, SwitchGraph& graph) {
  const auto leaves = graph.switches(), spines = leaves + row.leaves;
  for (std::int64_t board = 0; board < boards; ++board) {
    const auto begin = first + board * length * step, end = begin + (length - 1) * step;
    const auto leaf = leaves + board / row.boards_per_leaf;
    for (auto at = begin; at < end; at += step) graph.cables.push_back({at, at + step, cables});
    graph.cables.push_back({begin, leaf, cables});
    graph.cables.push_back({end, leaf, cables});
  }
  for (std::int64_t leaf = 0; leaf < row.leaves; ++leaf)
    for (std::int64_t spine = 0; spine < row.spines; ++spine)
      graph.cables.push_back({leaves + leaf, spines + spine, row.cables_between});
  graph.spines += row.leaves + row.spines;
}

}  // namespace

std::optional<RowSwitches> row_switches(std::int64_t boards, std::int64_t cables, std::int64_t ports) {
  const auto per_board = 2 * cables;
  if (boards * per_board <= ports) return RowSwitches{.boards_per_leaf = boards};
  const auto per_leaf = std::min(boards, ports / 2 / per_board);
  if (per_leaf == 0) return std::nullopt;
  const auto up = per_leaf * per_board, leaves = (boards + per_leaf - 1) / per_leaf;
  for (std::int64_t spines = 1; spines <= up; ++spines)  // the fewest over which the uplinks spread evenly
    if (up % spines == 0 && leaves * (up / spines) <= ports)
      return RowSwitches{
          .leaves = leaves, .spines = spines, .boards_per_leaf = per_leaf, .cables_between = up / spines};
  return std::nullopt;
}

SwitchGraph hamming_mesh(const std::vector<std::int64_t>& dimensions, std::int64_t cables, std::int64_t ports) {
  const auto a = dimensions[0], b = dimensions[1], columns = dimensions[2], rows = dimensions[3];
  const auto width = a * columns, height = b * rows;
  SwitchGraph graph{.leaves = width * height};
  const auto across = *row_switches(columns, cables, ports), down = *row_switches(rows, cables, ports);
  for (std::int64_t row = 0; row < height; ++row) join_line(row * width, 1, a, columns, cables, across, graph);
  for (std::int64_t column = 0; column < width; ++column) join_line(column, width, b, rows, cables, down, graph);
  return graph;
}

}  // namespace plenum::topology
