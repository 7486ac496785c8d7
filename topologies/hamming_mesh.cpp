#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

/// Places of one row (or column), `step` apart from `first` on: boards of `length` places that are lines, and the
/// switch that both ends of every board are cabled to.
void join_line(std::int64_t first, std::int64_t step, std::int64_t length, std::int64_t boards, std::int64_t cables,
               SwitchGraph& graph) {
  const auto joint = graph.switches();
  for (std::int64_t board = 0; board < boards; ++board) {
    const auto begin = first + board * length * step, end = begin + (length - 1) * step;
    for (auto at = begin; at < end; at += step) graph.cables.push_back({at, at + step, cables});
    graph.cables.push_back({begin, joint, cables});
    graph.cables.push_back({end, joint, cables});
  }
  ++graph.spines;
}

}  // namespace

SwitchGraph hamming_mesh(const std::vector<std::int64_t>& dimensions, std::int64_t cables) {
  const auto a = dimensions[0], b = dimensions[1], columns = dimensions[2], rows = dimensions[3];
  const auto width = a * columns, height = b * rows;
  SwitchGraph graph{.leaves = width * height};
  for (std::int64_t row = 0; row < height; ++row) join_line(row * width, 1, a, columns, cables, graph);
  for (std::int64_t column = 0; column < width; ++column) join_line(column, width, b, rows, cables, graph);
  return graph;
}

}  // namespace plenum::topology
