#include "calibration/variation.hpp"

#include <gtest/gtest.h>

namespace plenum::calibration {
namespace {

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
