// A time as a function of three sizes, on a grid of nodes. Between nodes the logarithm of the time is interpolated
// linearly in the logarithms of the sizes, so a surface that grows from node to node grows everywhere.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace plenum::calibration {

using Sizes = std::array<double, 3>;

struct Surface {
  std::array<std::vector<double>, 3> nodes;  ///< sizes, strictly increasing, at least two per axis
  std::vector<double> microseconds;          ///< at the nodes, the last axis fastest

  std::size_t index(std::size_t i, std::size_t j, std::size_t k) const {
    return (i * nodes[1].size() + j) * nodes[2].size() + k;
  }
};

/// The nearest surface that grows (or stays) along every axis, or along those that `grows` names.
void make_monotone(Surface&, const std::array<bool, 3>& grows = {true, true, true});

/// The eight nodes around a point and their weights, which sum to 1. A point outside counts as the nearest one inside.
struct Corners {
  std::array<std::size_t, 8> index{};
  std::array<double, 8> weight{};
};

/// A surface made ready for queries: logarithms taken once.
class PreparedSurface {
 public:
  explicit PreparedSurface(const Surface&);

  Corners corners(const Sizes&) const;
  /// Below the first node the time is that of the first node; beyond the last one it grows in proportion to the size,
  /// which keeps the efficiency of the last node.
  double microseconds(const Sizes&) const;
  double beyond(const Sizes&) const;  ///< what a time grows by beyond the last nodes; 1 before them
  double last(std::size_t axis) const { return axes_[axis].last; }  ///< the last node
  bool inside(const Sizes&) const;  ///< the point lies within the nodes: no extrapolation

 private:
  struct Axis {
    std::vector<double> log_nodes;
    double first = 0, last = 0;
  };
  std::array<Axis, 3> axes_;
  std::vector<double> log_time_;
};

}  // namespace plenum::calibration
