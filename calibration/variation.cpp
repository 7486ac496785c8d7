#include "calibration/variation.hpp"

#include <cmath>

namespace plenum::calibration {
namespace {

/// Abramowitz & Stegun 26.2.23: |error| < 4.5e-4.
double upper_normal_quantile(double tail) {
  const double t = std::sqrt(-2 * std::log(tail));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

}  // namespace

double slowest_excess(std::int64_t gpus) {
  if (gpus < 2) return 0;
  const double tail = 1 - (static_cast<double>(gpus) - 0.375) / (static_cast<double>(gpus) + 0.25);
  return speed_deviation * upper_normal_quantile(tail);
}

}  // namespace plenum::calibration
