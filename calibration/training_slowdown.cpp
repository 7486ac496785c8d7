#include "calibration/training_slowdown.hpp"

namespace plenum::calibration {

double training_slowdown(const Device& device, Precision precision) {
  const auto& architecture = device.specification.architecture;
  const double bytes = bytes_per_element(precision);
  if (architecture == "hopper") return bytes > 1 ? 1.12 : 1.20;
  if (architecture == "blackwell") return bytes > 1 ? 1.11 : bytes == 1 ? 1.05 : 1.50;
  return 1;
}

}  // namespace plenum::calibration
