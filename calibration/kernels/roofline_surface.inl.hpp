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
    for (std::size_t a = 0; a < 3; ++a)
      if (!grid.follows[a]) log2_fraction_[a] = log2_fraction(grid.nodes[a], between_[a]);
    const bool followed = follows_from<0>();
    const double here = followed ? log2_at(inside) : 0;
    result_.log2_roofline = followed && inside == sizes ? here : log2_at(sizes);
    descend<0>(inside, here, 1, 0);
  }
  const Blend& result() const { return result_; }

 private:
  double log2_at(const Sizes& sizes) const { return std::log2(roofline_(sizes)); }

  /// Whether this axis or a later one is traversed as the roofline grows.
  template <std::size_t axis>
  bool follows_from() const {
    if constexpr (axis == 3)
      return false;
    else
      return grid_.follows[axis] || follows_from<axis + 1>();
  }

  /// `point` stands on nodes along the axes before `axis`; `here` is the logarithm of its roofline. Where it stands on
  /// a node of this axis, too, the neighbours count for nothing.
  template <std::size_t axis>
  void descend(const Sizes& point, double here, double weight, std::size_t index) {
    if constexpr (axis == 3) {
      result_.corners.index[corner_] = index;
      result_.corners.weight[corner_++] = weight;
    } else {
      const auto& nodes = grid_.nodes[axis];
      const Between& between = between_[axis];
      const std::size_t first = index * nodes.size() + between.low;
      if (between.at == nodes[between.low]) return descend<axis + 1>(point, here, weight, first);
      if (between.at == nodes[between.low + 1]) return descend<axis + 1>(point, here, weight, first + 1);
      Sizes low = point, high = point;
      low[axis] = nodes[between.low];
      high[axis] = nodes[between.low + 1];
      const bool matters = follows_from<axis>();  // logarithms are what a query costs
      const double at_low = matters ? log2_at(low) : 0, at_high = matters ? log2_at(high) : 0;
      const double fraction = !grid_.follows[axis] ? log2_fraction_[axis]
                              : at_high > at_low   ? (here - at_low) / (at_high - at_low)
                                                   : log2_fraction(nodes, between);
      descend<axis + 1>(low, at_low, weight * (1 - fraction), first);
      descend<axis + 1>(high, at_high, weight * fraction, first + 1);
    }
  }

  const RooflineGrid& grid_;
  const Roofline& roofline_;
  std::array<Between, 3> between_;
  Sizes log2_fraction_{};  ///< along axes that follow no roofline
  Blend result_;
  std::size_t corner_ = 0;
};

}  // namespace detail

template <class Roofline>
Blend blend(const RooflineGrid& grid, const Sizes& sizes, const Roofline& roofline) {
  return detail::Blending<Roofline>(grid, sizes, roofline).result();
}

}  // namespace plenum::calibration
