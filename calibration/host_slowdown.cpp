#include "calibration/host_slowdown.hpp"

namespace plenum::calibration {

double host_slowdown(std::string_view device) { return device.starts_with("GB") || device.starts_with("GH") ? 1.6 : 1; }

}  // namespace plenum::calibration
