#include "calibration/kernels/roofline_surface.hpp"

#include <algorithm>

namespace plenum::calibration {

Between locate(const std::vector<double>& nodes, double size) {
  const double at = std::clamp(size, nodes.front(), nodes.back());
  const auto above = std::upper_bound(nodes.begin() + 1, nodes.end() - 1, at);
  const auto low = static_cast<std::size_t>(above - nodes.begin()) - 1;
  return {low, at, std::log2(at / nodes[low]) / std::log2(nodes[low + 1] / nodes[low])};
}

}  // namespace plenum::calibration
