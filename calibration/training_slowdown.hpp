// The last constants: what training runs take beyond their kernels timed alone. Under sustained load Hopper and Blackwell
// settle at lower clocks than in the seconds of a microbenchmark (they reach their power limit, Ampere hardly does), and
// steps have gaps between kernels that no table shows.
#pragma once

#include "calibration/device.hpp"

namespace plenum::calibration {

/// Factor >= 1 on the time of compute-bound kernels, by architecture and width of the operands alone. Fitted on the groups
/// of the public training table that `plenum validate training` reports as "fitted", from the medians of their errors. The numbers and how far both parts are off: README.md of the project.
double training_slowdown(const Device&, Precision);

}  // namespace plenum::calibration
