// A kernel's time over its roofline, at the nodes of a grid of three sizes. Between nodes the time follows the roofline
// (each axis that the roofline depends on is traversed as the roofline grows, not as the size does), so few nodes are
// enough, a time that grows from node to node grows everywhere, and beyond the grid the last node's efficiency holds.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "calibration/surface.hpp"

namespace plenum::calibration {

struct RooflineGrid {
  std::array<std::vector<double>, 3> nodes;  ///< sizes, strictly increasing, at least two per axis
  std::array<bool, 3> follows{};             ///< between this axis' nodes time moves as the roofline does
  std::array<bool, 3> grows{};               ///< time never falls along this axis

  std::size_t size() const { return nodes[0].size() * nodes[1].size() * nodes[2].size(); }
};

/// Where a size lies between the nodes of an axis; sizes outside count as the nearest node.
struct Between {
  std::size_t low = 0;
  double at = 0;  ///< the size, within the nodes
};
Between locate(const std::vector<double>& nodes, double size);
/// Of the logarithm's way to the next node.
double log2_fraction(const std::vector<double>& nodes, const Between&);

/// What a point takes from the eight nodes around it: log2(time) = log2_roofline + sum of weight x log2(time /
/// roofline).
struct Blend {
  Corners corners;
  double log2_roofline = 0;
};

/// `roofline(sizes)` in microseconds, positive and finite.
template <class Roofline>
Blend blend(const RooflineGrid& grid, const Sizes& sizes, const Roofline& roofline);

}  // namespace plenum::calibration

#include "calibration/kernels/roofline_surface.inl.hpp"
