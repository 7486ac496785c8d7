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

double slowest_excess(std::int64_t gpus, const Variation& variation) {
  const double deviation = std::hypot(speed_deviation, variation.jitter), n = static_cast<double>(gpus);
  if (variation.probability) {
    const double tail = -std::expm1(std::log(*variation.probability) / n);
    return deviation * (tail <= 0.5 ? upper_normal_quantile(tail) : -upper_normal_quantile(1 - tail));
  }
  return gpus < 2 ? 0 : deviation * upper_normal_quantile(1 - (n - 0.375) / (n + 0.25));
}

}  // namespace plenum::calibration
