// Part of roofline_surface.hpp: the template's body.
#pragma once

namespace plenum::calibration {
namespace detail {

template <class Roofline>
class Blending {
 public:
  Blending(const RooflineGrid& grid, const Sizes& sizes, const Roofline& roofline) : grid_(grid), roofline_(roofline) {
    Sizes inside{};
    for (std::size_t a = 0; a < 3; ++a) inside[a] = (between_[a] = locate(grid.nodes[a], sizes[a])).at;
    descend(0, inside, log2_at(inside), 1, 0);
    result_.log2_roofline = log2_at(sizes);
  }
  const Blend& result() const { return result_; }

 private:
  double log2_at(const Sizes& sizes) const { return std::log2(roofline_(sizes)); }

  /// Whether this axis or a later one is traversed as the roofline grows.
  bool follows_from(std::size_t axis) const {
    while (axis < 3 && !grid_.follows[axis]) ++axis;
    return axis < 3;
  }

  /// `point` stands on nodes along the axes before `axis`; `here` is the logarithm of its roofline.
  void descend(std::size_t axis, const Sizes& point, double here, double weight, std::size_t index) {
    if (axis == 3) {
      result_.corners.index[corner_] = index;
      result_.corners.weight[corner_++] = weight;
      return;
    }
    const auto& nodes = grid_.nodes[axis];
    const Between& between = between_[axis];
    Sizes low = point, high = point;
    low[axis] = nodes[between.low];
    high[axis] = nodes[between.low + 1];
    const bool matters = follows_from(axis);  // logarithms are what a query costs
    const double at_low = matters ? log2_at(low) : 0, at_high = matters ? log2_at(high) : 0;
    const bool follow = grid_.follows[axis] && at_high > at_low;
    const double fraction = follow ? (here - at_low) / (at_high - at_low) : log2_fraction(nodes, between);
    const std::size_t first = index * nodes.size() + between.low;
    descend(axis + 1, low, at_low, weight * (1 - fraction), first);
    descend(axis + 1, high, at_high, weight * fraction, first + 1);
  }

  const RooflineGrid& grid_;
  const Roofline& roofline_;
  std::array<Between, 3> between_;
  Blend result_;
  std::size_t corner_ = 0;
};

}  // namespace detail

template <class Roofline>
Blend blend(const RooflineGrid& grid, const Sizes& sizes, const Roofline& roofline) {
  return detail::Blending<Roofline>(grid, sizes, roofline).result();
}

}  // namespace plenum::calibration
