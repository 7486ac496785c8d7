#include "workloads/serving/zipf.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace plenum::workload {
namespace {

class ZipfLaw : public testing::TestWithParam<double> {};

// Probability of rank k: k^-s over the sum of all; five standard deviations of a count.
TEST_P(ZipfLaw, DrawsRanksAsOftenAsItSays) {
  constexpr int ranks = 20, draws = 200000;
  const double s = GetParam();
  double sum = 0;
  for (int k = 1; k <= ranks; ++k) sum += std::pow(k, -s);
  RandomStream random(1, "zipf");
  const Zipf zipf(ranks, s);
  std::vector<double> count(ranks);
  for (int i = 0; i < draws; ++i) ++count.at(static_cast<std::size_t>(zipf.draw(random)));
  for (int k = 1; k <= ranks; ++k) {
    const double expected = draws * std::pow(k, -s) / sum;
    EXPECT_NEAR(count[static_cast<std::size_t>(k - 1)], expected, 5 * std::sqrt(expected)) << "rank " << k;
  }
}
INSTANTIATE_TEST_SUITE_P(Exponents, ZipfLaw, testing::Values(0.0, 0.5, 1.0, 2.0));

TEST(Zipf, TakesAnyNumberOfRanks) {
  RandomStream random(1, "zipf");
  const Zipf zipf(1'000'000'000'000, 0.9);
  for (int i = 0; i < 1000; ++i) {
    const auto rank = zipf.draw(random);
    EXPECT_GE(rank, 0);
    EXPECT_LT(rank, 1'000'000'000'000);
  }
  EXPECT_EQ(Zipf(1, 1).draw(random), 0);
}

}  // namespace
}  // namespace plenum::workload
