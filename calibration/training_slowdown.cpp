#include "calibration/training_slowdown.hpp"

#include <cmath>

namespace plenum::calibration {
namespace {

/// Tensor cores draw more than any board of the generation gets, so the power limit sets their clocks: near the lowest
/// voltage power grows in proportion to the clock, and what is left after memory and leakage is what counts. FP4's
/// kernels are held back by other things.
constexpr double reference_power = 1200;  // of GB200, W
constexpr double power_exponent = 0.57;   // beyond what the devices' own scaling (exponent 0.38) holds

double blackwell(const Device& device, double bytes) {
  if (bytes < 1) return 1.50;
  return (bytes > 1 ? 1.11 : 1.09) * std::pow(reference_power / device.specification.power.value(), power_exponent);
}

}  // namespace

double training_slowdown(const Device& device, Precision precision) {
  const auto& architecture = device.specification.architecture;
  const double bytes = bytes_per_element(precision);
  if (architecture == "hopper") return bytes > 1 ? 1.12 : 1.20;
  return architecture == "blackwell" ? blackwell(device, bytes) : 1;
}

}  // namespace plenum::calibration
