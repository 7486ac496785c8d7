// Gamma-distributed numbers, for bursty arrivals.
#pragma once

#include "sim/core/random.hpp"

namespace plenum::workload {

/// Of mean and variance `shape` > 0 (scale 1). Marsaglia and Tsang, "A simple method for generating gamma variables",
/// ACM TOMS 26 (2000); below shape 1: gamma(shape + 1) x uniform^(1/shape).
double draw_gamma(double shape, RandomStream&);

}  // namespace plenum::workload
