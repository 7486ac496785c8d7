#include "calibration/kernels/roofline_surface.hpp"

#include <algorithm>

namespace plenum::calibration {

Between locate(const std::vector<double>& nodes, double size) {
  const double at = std::clamp(size, nodes.front(), nodes.back());
  const auto above = std::upper_bound(nodes.begin() + 1, nodes.end() - 1, at);
  const auto low = static_cast<std::size_t>(above - nodes.begin()) - 1;
  return {low, at};
}

double log2_fraction(const std::vector<double>& nodes, const Between& between) {
  const double low = nodes[between.low];
  return between.at == low ? 0 : std::log2(between.at / low) / std::log2(nodes[between.low + 1] / low);
}

}  // namespace plenum::calibration
