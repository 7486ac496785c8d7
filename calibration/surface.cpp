#include "calibration/surface.hpp"

#include <algorithm>
#include <cmath>

namespace plenum::calibration {
namespace {

struct Cell {
  std::size_t low = 0;
  double fraction = 0;  ///< of the way to the next node
};

Cell cell_of(const std::vector<double>& nodes, double x) {
  x = std::clamp(x, nodes.front(), nodes.back());
  const auto above = std::upper_bound(nodes.begin() + 1, nodes.end() - 1, x);
  const auto low = static_cast<std::size_t>(above - nodes.begin()) - 1;
  return {low, (x - nodes[low]) / (nodes[low + 1] - nodes[low])};
}

}  // namespace

/// Geometric mean of the largest time among a node's predecessors and the smallest among its successors: both grow, so
/// it does.
void make_monotone(Surface& surface, const std::array<bool, 3>& grows) {
  auto& values = surface.microseconds;
  std::vector<double> highest = values, lowest = values;
  const std::array<std::size_t, 3> extent{surface.nodes[0].size(), surface.nodes[1].size(), surface.nodes[2].size()};
  const std::array<std::size_t, 3> stride{extent[1] * extent[2], extent[2], 1};
  for (std::size_t a = 0; a < 3; ++a) {
    if (!grows[a]) continue;
    for (std::size_t row = 0; row < values.size(); ++row)
      if (row / stride[a] % extent[a] > 0) highest[row] = std::max(highest[row], highest[row - stride[a]]);
    for (std::size_t row = values.size(); row-- > 0;)
      if (row / stride[a] % extent[a] + 1 < extent[a]) lowest[row] = std::min(lowest[row], lowest[row + stride[a]]);
  }
  for (std::size_t row = 0; row < values.size(); ++row) values[row] = std::sqrt(highest[row] * lowest[row]);
}

PreparedSurface::PreparedSurface(const Surface& surface) {
  for (std::size_t a = 0; a < 3; ++a) {
    axes_[a].first = surface.nodes[a].front();
    axes_[a].last = surface.nodes[a].back();
    for (const double node : surface.nodes[a]) axes_[a].log_nodes.push_back(std::log2(node));
  }
  for (const double time : surface.microseconds) log_time_.push_back(std::log2(time));
}

Corners PreparedSurface::corners(const Sizes& sizes) const {
  std::array<Cell, 3> cells;
  for (std::size_t a = 0; a < 3; ++a) cells[a] = cell_of(axes_[a].log_nodes, std::log2(sizes[a]));
  Corners result;
  for (std::size_t c = 0; c < 8; ++c) {
    std::size_t index = 0;
    double weight = 1;
    for (std::size_t a = 0; a < 3; ++a) {
      const bool upper = ((c >> a) & 1U) != 0;
      index = index * axes_[a].log_nodes.size() + cells[a].low + (upper ? 1 : 0);
      weight *= upper ? cells[a].fraction : 1 - cells[a].fraction;
    }
    result.index[c] = index;
    result.weight[c] = weight;
  }
  return result;
}

double PreparedSurface::microseconds(const Sizes& sizes) const {
  const Corners at = corners(sizes);
  double log_time = 0;
  for (std::size_t c = 0; c < 8; ++c) log_time += at.weight[c] * log_time_[at.index[c]];
  return std::exp2(log_time) * beyond(sizes);
}

double PreparedSurface::beyond(const Sizes& sizes) const {
  double growth = 1;
  for (std::size_t a = 0; a < 3; ++a) growth *= std::max(1.0, sizes[a] / axes_[a].last);
  return growth;
}

bool PreparedSurface::inside(const Sizes& sizes) const {
  for (std::size_t a = 0; a < 3; ++a)
    if (sizes[a] < axes_[a].first || sizes[a] > axes_[a].last) return false;
  return true;
}

}  // namespace plenum::calibration
