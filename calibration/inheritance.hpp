// A GPU that was never measured takes the curves of a measured relative, scaled by what is known about both.
#pragma once

#include "calibration/device_file.hpp"

namespace plenum::calibration {

/// The relative's curves as they would look on `device`. A matrix product keeps its efficiency against the roofline;
/// the compute-bound part of attention scales with the compute rate. Precondition: relative.fitted.
Fitted scaled(const DeviceFile& device, const DeviceFile& relative);

/// What `scaling` knows of the device's compute rate over what the ratio of the peaks says; 1 without `scaling`.
double compute_scale(const DeviceFile& device, const DeviceFile& relative);

}  // namespace plenum::calibration
