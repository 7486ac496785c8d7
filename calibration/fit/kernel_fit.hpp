// Fits the curves over rooflines of one device.
#pragma once

#include "calibration/device_file.hpp"
#include "calibration/fit/errors.hpp"
#include "calibration/fit/kernel_tables.hpp"

namespace plenum::calibration {

/// Adds a curve for every key with enough samples to `fitted.kernels`, and its errors on held-out samples to
/// `fitted.accuracy`. `fitted.memory_fraction` is known already.
void fit_kernels(const SpecificationText&, const KernelSamples&, Fitted& fitted);

/// A curve of a device's own few samples: all are fitted, and the errors are those of a threefold cross-validation.
RooflineCurve fit_own_kernel(const SpecificationText&, double memory_fraction, const CurveKey&,
                             std::vector<KernelSample>, Errors&);

}  // namespace plenum::calibration
