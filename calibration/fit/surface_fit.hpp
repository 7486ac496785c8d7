// Fits a surface to measured times: the smoothest grid of logarithms that passes near the measurements, where "near"
// is the sum of absolute relative deviations (outliers pull no harder than others). Deterministic to the last digit.
#pragma once

#include <vector>

#include "calibration/surface.hpp"

namespace plenum::calibration {

struct Sample {
  Sizes sizes{};
  double microseconds = 0;
};

/// Values at the nodes grow (or stay) along every axis and have four significant digits. `samples` is not empty.
Surface fit_surface(const std::array<std::vector<double>, 3>& nodes, const std::vector<Sample>& samples);

/// Logarithms at the nodes of `grid` (whose times don't matter) from samples' corners and logarithms: the heart of
/// fit_surface, for whoever interpolates in another way.
std::vector<double> fit_nodes(const Surface& grid, const std::vector<Corners>&, const std::vector<double>& log_time);

/// The nearest number with four significant digits, as the device files write it.
double four_digits(double);
double three_digits(double);

}  // namespace plenum::calibration
