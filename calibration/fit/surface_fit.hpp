// Fits a surface to measured times: the smoothest grid of logarithms that passes near the measurements, where "near"
// is the sum of absolute relative deviations (outliers pull no harder than others). Deterministic to the last digit.
#pragma once

#include <functional>
#include <vector>

#include "calibration/surface.hpp"

namespace plenum::calibration {

struct Sample {
  Sizes sizes{};
  double microseconds = 0;
};

/// Microseconds that a few samples are expected to lie near.
using Prior = std::function<double(const Sizes&)>;

/// Values at the nodes grow (or stay) along every axis and have four significant digits. `samples` is not empty. With a
/// prior it is the deviation from it that is smooth, and small where there are no samples.
Surface fit_surface(const std::array<std::vector<double>, 3>& nodes, const std::vector<Sample>& samples,
                    const Prior& prior = {});

/// Logarithms at the nodes of `grid` (whose times don't matter) from samples' corners and logarithms: the heart of
/// fit_surface, for whoever interpolates in another way.
/// `ridge`: pull of every node towards 0 against one measurement; the least keeps nodes that nothing determines finite.
std::vector<double> fit_nodes(const Surface& grid, const std::vector<Corners>&, const std::vector<double>& log_time,
                              double ridge = 1e-9);

/// The nearest number with four significant digits, as the device files write it.
double four_digits(double);
double three_digits(double);

}  // namespace plenum::calibration
