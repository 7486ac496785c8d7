// The last constants: what training runs take beyond their kernels timed alone. Under sustained load Hopper and
// Blackwell settle at lower clocks than in the seconds of a microbenchmark (they reach their power limit, Ampere hardly
// does), and steps have gaps between kernels that no table shows.
#pragma once

#include "calibration/device.hpp"

namespace plenum::calibration {

/// Factor >= 1 on the time of compute-bound kernels, by architecture, board power and width of the operands alone. Of
/// Hopper measured: an H200's products take so much longer under load than in bursts (calibration/README.md). Of
/// Blackwell set by hand from medians of the public training tables' errors; products of 16 bits on B200 also from the
/// rates that MooreThreads/SimuMax measured there in long loops (1.10 PFLOP/s forward, 1.02 for gradients of weights).
double training_slowdown(const Device&, Precision);

/// The same for attention and the scans of state-space layers.
double attention_slowdown(const Device&, Precision);

/// What products take longer while other kernels hold some of the device's multiprocessors: by their share; on Hopper
/// at least by what an H200's of 0.2 to 3 ms did (medians of bf16 and FP8, calibration/README.md), which lost more to a
/// few. At most 2. Memory-bound kernels lose less; a step here loses the same in all its kernels.
class HeldMultiprocessors {
 public:
  HeldMultiprocessors() = default;
  explicit HeldMultiprocessors(const Device&);
  double slowdown(double held) const;

 private:
  double count_ = 1;
  bool as_on_hopper_ = false;
};

}  // namespace plenum::calibration
