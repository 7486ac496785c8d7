#include "calibration/drift/rank_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace plenum::calibration {
namespace {

// Every arrangement of the ranks 1..6 into 3 and 3, counted by hand: the test's own definition.
TEST(RankTest, CountsArrangements) {
  const std::vector<double> earlier{1, 3, 4}, later{2, 5, 6};  // 7 of 9 pairs
  std::vector<int> member{0, 0, 0, 1, 1, 1};
  int all = 0, as_far = 0;
  do {
    int pairs = 0;
    for (std::size_t i = 0; i < 6; ++i)
      for (std::size_t j = i + 1; j < 6; ++j) pairs += member[i] == 0 && member[j] == 1 ? 1 : 0;
    ++all;
    as_far += pairs >= 7 ? 1 : 0;
  } while (std::next_permutation(member.begin(), member.end()));
  EXPECT_EQ(all, 20);
  EXPECT_NEAR(larger_by_chance(earlier, later), double(as_far) / all, 1e-12);
}

TEST(RankTest, CompleteSeparationIsOneArrangement) {
  std::vector<double> low(9), high(9);
  std::iota(low.begin(), low.end(), 1);
  std::iota(high.begin(), high.end(), 100);
  EXPECT_NEAR(larger_by_chance(low, high), 1.0 / 48620, 1e-12);  // 18 over 9
  EXPECT_NEAR(larger_by_chance(high, low), 1, 1e-12);
}

TEST(RankTest, TiesDecideNothing) {
  EXPECT_GE(larger_by_chance(std::vector<double>(9, 1.0), std::vector<double>(9, 1.0)), 0.5);
  EXPECT_NEAR(larger_by_chance({1}, {2}), 0.5, 1e-12);
}

}  // namespace
}  // namespace plenum::calibration
