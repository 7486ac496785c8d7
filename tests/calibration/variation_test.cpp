#include "calibration/variation.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace plenum::calibration {
namespace {

/// The largest of n is below z with probability Phi(z)^n.
TEST(Variation, HasTheQuantilesOfTheSlowest) {
  for (const std::int64_t n : {1, 8, 1024})
    for (const double p : {0.05, 0.5, 0.99}) {
      const double z = slowest_excess(n, {.probability = p}) / speed_deviation;
      EXPECT_NEAR(std::pow(0.5 * std::erfc(-z / std::sqrt(2.0)), static_cast<double>(n)), p, 2e-3) << n;
    }
}

TEST(Variation, AddsJitterAsAnIndependentDeviation) {
  EXPECT_NEAR(slowest_excess(64, {.jitter = 0.06}) / slowest_excess(64), std::hypot(0.025, 0.06) / 0.025, 1e-12);
}

TEST(Variation, OneGpuWaitsForNobody) { EXPECT_EQ(slowest_excess(1), 0); }

// Expected largest of n standard normal variables (Harter 1961, table 1): 8: 1.42360, 100: 2.50759.
TEST(Variation, FollowsTheLargestNormalOrderStatistic) {
  EXPECT_NEAR(slowest_excess(8) / speed_deviation, 1.42360, 0.015);  // Blom's approximation is that good
  EXPECT_NEAR(slowest_excess(100) / speed_deviation, 2.50759, 0.015);
}

TEST(Variation, GrowsWithTheGroup) {
  for (std::int64_t n = 2; n < 1 << 20; n *= 2) EXPECT_LT(slowest_excess(n), slowest_excess(2 * n));
}

}  // namespace
}  // namespace plenum::calibration
