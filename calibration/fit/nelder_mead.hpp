// Minimum of a function of a few numbers without derivatives: J. A. Nelder and R. Mead, "A simplex method for function
// minimization", The Computer Journal 7 (1965). Deterministic.
#pragma once

#include <functional>
#include <vector>

namespace plenum::calibration {

using Objective = std::function<double(const std::vector<double>&)>;

/// Starts from a simplex around `start` with edges `step`, restarted from what was found with others, because a simplex
/// gets stuck on the creases of absolute values.
std::vector<double> minimize(const Objective&, std::vector<double> start, double step);

}  // namespace plenum::calibration
