#include "calibration/surface.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace plenum::calibration {
namespace {

/// time = a b^2 / c on nodes 1, 4, 16: interpolation in logarithms is exact for any product of powers.
Surface power_law() {
  Surface surface{{{{1, 4, 16}, {1, 4, 16}, {1, 4, 16}}}, {}};
  for (const double a : surface.nodes[0])
    for (const double b : surface.nodes[1])
      for (const double c : surface.nodes[2]) surface.microseconds.push_back(a * b * b / c);
  return surface;
}

TEST(Surface, IsExactForProductsOfPowers) {
  const PreparedSurface surface(power_law());
  EXPECT_NEAR(surface.microseconds({4, 4, 4}), 16.0, 1e-12);
  EXPECT_NEAR(surface.microseconds({3, 5, 7}), 3.0 * 25 / 7, 1e-12);
}

TEST(Surface, KeepsTheFirstNodesTimeBelowIt) {
  const PreparedSurface surface(power_law());
  EXPECT_DOUBLE_EQ(surface.microseconds({0.01, 4, 4}), surface.microseconds({1, 4, 4}));
}

TEST(Surface, GrowsInProportionBeyondTheLastNode) {
  const PreparedSurface surface(power_law());
  EXPECT_NEAR(surface.microseconds({160, 4, 4}), 10 * surface.microseconds({16, 4, 4}), 1e-9);
  EXPECT_NEAR(surface.microseconds({4, 4, 32}), 2 * surface.microseconds({4, 4, 16}), 1e-9);
}

TEST(Surface, SaysWhatIsExtrapolated) {
  const PreparedSurface surface(power_law());
  EXPECT_TRUE(surface.inside({1, 16, 4}));
  EXPECT_FALSE(surface.inside({1, 17, 4}));
  EXPECT_FALSE(surface.inside({0.5, 4, 4}));
}

TEST(Surface, WeightsOfTheCornersSumToOne) {
  const PreparedSurface surface(power_law());
  for (const Sizes& sizes : {Sizes{1, 1, 1}, Sizes{2, 3, 5}, Sizes{16, 16, 16}, Sizes{1e9, 1e-9, 4}}) {
    double sum = 0;
    for (const double weight : surface.corners(sizes).weight) sum += weight;
    EXPECT_NEAR(sum, 1.0, 1e-12);
  }
}

TEST(Surface, MakeMonotoneLeavesGrowingTimesAlone) {
  Surface growing{{{{1, 2}, {1, 2}, {1, 2}}}, {1, 2, 3, 4, 5, 6, 7, 8}};
  make_monotone(growing);
  for (int i = 0; i < 8; ++i) EXPECT_NEAR(growing.microseconds[static_cast<std::size_t>(i)], i + 1, 1e-12);
}

TEST(Surface, MakeMonotoneMeetsInTheMiddleOfAFall) {
  Surface falling{{{{1, 2}, {1, 2}, {1, 2}}}, {4, 1, 4, 4, 4, 4, 4, 4}};
  make_monotone(falling);
  EXPECT_NEAR(falling.microseconds[0], 2, 1e-12);  // sqrt(4 * 1)
  EXPECT_NEAR(falling.microseconds[1], 2, 1e-12);
  EXPECT_NEAR(falling.microseconds[7], 4, 1e-12);
}

}  // namespace
}  // namespace plenum::calibration
