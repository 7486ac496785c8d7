// The error bar that calibration earned, on the part of a step that it covers.
#pragma once

#include "calibration/device.hpp"
#include "sim/datacenter/result.hpp"

namespace plenum::analysis {

struct KernelError {
  double median = 0;  ///< typical |error| of a kernel
  double share = 0;   ///< of the step that these kernels take; 0: no error is known
};

/// Of matrix products, the only kernels of training that were tested on held-out measurements whole (attention's backward
/// pass and memory-bound kernels stand on constants).
KernelError kernel_error(const calibration::Device&, const datacenter::Breakdown&, Precision);

std::string text_of(const KernelError&);  ///< empty when none is known

}  // namespace plenum::analysis
