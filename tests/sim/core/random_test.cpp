#include "sim/core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace plenum {
namespace {

constexpr int draws = 100000;

TEST(RandomStream, IsSplitmix64) {
  // Vigna's splitmix64.c with state 0 gives 0xe220a8397b1dcdaf first.
  EXPECT_EQ(mix(0), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(mix(0x9e3779b97f4a7c15ULL), 0x6e789e6aa1b965f4ULL);
}

TEST(RandomStream, NeverChangesBetweenReleases) {
  RandomStream stream(42, "failures");
  EXPECT_EQ(stream.next(), 0x8f67687d813b7b7ULL);
  EXPECT_EQ(stream.next(), 0xcf055aec2423d239ULL);
}

TEST(RandomStream, DependsOnSeedAndNameOnly) {
  RandomStream a(1, "x"), same(1, "x"), other_name(1, "y"), other_seed(2, "x");
  const auto first = a.next();
  EXPECT_EQ(first, same.next());
  EXPECT_NE(first, other_name.next());
  EXPECT_NE(first, other_seed.next());
}

TEST(RandomStream, UniformHasTheRightMeanAndBounds) {
  RandomStream stream(7, "uniform");
  double sum = 0;
  for (int i = 0; i < draws; ++i) {
    const double drawn = stream.uniform();
    ASSERT_GE(drawn, 0);
    ASSERT_LT(drawn, 1);
    sum += drawn;
  }
  EXPECT_NEAR(sum / draws, 0.5, 5 / std::sqrt(12.0 * draws));  // five standard deviations of the mean
}

TEST(RandomStream, BelowIsFair) {
  RandomStream stream(7, "below");
  std::array<int, 3> counts{};
  for (int i = 0; i < draws; ++i) ++counts.at(stream.below(counts.size()));
  for (const int count : counts) EXPECT_NEAR(count, draws / 3.0, 5 * std::sqrt(draws * (1 / 3.0) * (2 / 3.0)));
  EXPECT_EQ(stream.below(1), 0u);
}

TEST(RandomStream, NormalHasTheRightMoments) {
  RandomStream stream(7, "normal");
  double sum = 0, squares = 0;
  for (int i = 0; i < draws; ++i) {
    const double z = (stream.normal(10, 2) - 10) / 2;
    ASSERT_TRUE(std::isfinite(z));
    sum += z;
    squares += z * z;
  }
  EXPECT_NEAR(sum / draws, 0, 5 / std::sqrt(draws));
  EXPECT_NEAR(squares / draws, 1, 5 * std::sqrt(2.0 / draws));
}

}  // namespace
}  // namespace plenum
