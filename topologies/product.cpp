#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

/// Coordinates in one dimension that coordinate x is cabled to, each pair told once.
std::vector<std::int64_t> neighbours_above(std::int64_t x, const ProductDimension& dimension) {
  std::vector<std::int64_t> above;
  if (dimension.kind == Dimension::full)
    for (std::int64_t y = x + 1; y < dimension.size; ++y) above.push_back(y);
  else if (dimension.kind == Dimension::switched)
    return above;
  else if (x + 1 < dimension.size)
    above.push_back(x + 1);
  else if (dimension.kind == Dimension::ring && dimension.size > 2)
    above.push_back(0);
  return above;
}

void add_dimension(const ProductDimension& dimension, std::int64_t stride, std::int64_t cables, SwitchGraph& graph) {
  const auto first = graph.switches();
  const auto add = [&](std::int64_t a, std::int64_t b) {
    graph.cables.push_back({a, b, cables, dimension.bandwidth, dimension.latency});
  };
  for (std::int64_t at = 0; at < graph.leaves; ++at) {
    const auto x = at / stride % dimension.size;
    for (const auto y : neighbours_above(x, dimension)) add(at, at + (y - x) * stride);
    if (dimension.kind == Dimension::switched) add(at, first + at / (stride * dimension.size) * stride + at % stride);
  }
  if (dimension.kind == Dimension::switched) graph.spines += graph.leaves / dimension.size;
}

}  // namespace

SwitchGraph product(const std::vector<ProductDimension>& dimensions, std::int64_t cables) {
  SwitchGraph graph{.leaves = 1};
  for (const auto& dimension : dimensions) graph.leaves *= dimension.size;
  std::int64_t stride = 1;
  for (const auto& dimension : dimensions) {
    add_dimension(dimension, stride, cables, graph);
    stride *= dimension.size;
  }
  return graph;
}

SwitchGraph product(const std::vector<std::int64_t>& sizes, Dimension kind, std::int64_t cables) {
  std::vector<ProductDimension> dimensions;
  for (const auto size : sizes) dimensions.push_back({.kind = kind, .size = size});
  return product(dimensions, cables);
}

}  // namespace plenum::topology
