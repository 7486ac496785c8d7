#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

/// Coordinates in one dimension that coordinate x is cabled to, each pair told once.
std::vector<std::int64_t> neighbours_above(std::int64_t x, std::int64_t size, Dimension dimension) {
  std::vector<std::int64_t> above;
  if (dimension == Dimension::full)
    for (std::int64_t y = x + 1; y < size; ++y) above.push_back(y);
  else if (x + 1 < size)
    above.push_back(x + 1);
  else if (dimension == Dimension::ring && size > 2)
    above.push_back(0);
  return above;
}

}  // namespace

SwitchGraph product(const std::vector<std::int64_t>& sizes, Dimension dimension, std::int64_t cables) {
  SwitchGraph graph{.leaves = 1};
  for (const auto size : sizes) graph.leaves *= size;
  std::int64_t stride = 1;
  for (const auto size : sizes) {
    for (std::int64_t at = 0; at < graph.leaves; ++at) {
      const auto x = at / stride % size;
      for (const auto y : neighbours_above(x, size, dimension))
        graph.cables.push_back({at, at + (y - x) * stride, cables});
    }
    stride *= size;
  }
  return graph;
}

}  // namespace plenum::topology
