#include "calibration/kernels/expert_load.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "sim/core/random.hpp"

namespace plenum::calibration {
namespace {

TEST(ExpertLoad, BalancedRoutingBringsEveryExpertTheSame) {
  const ExpertLoad load = expert_load(1024, 8, 256, 32, Routing::balanced);
  EXPECT_EQ(load.active_experts, 32);
  EXPECT_EQ(load.rows_per_expert, 32);
  EXPECT_EQ(load.rows_elsewhere, 7 * 1024);
  EXPECT_EQ(load.rows_beside, 7 * 1024);  // each token has one of its eight rows here
}

TEST(ExpertLoad, OneTokenReachesAsManyExpertsAsItMay) {
  const ExpertLoad load = expert_load(1, 8, 256, 256, Routing::balanced);
  EXPECT_EQ(load.active_experts, 8);
  EXPECT_EQ(load.rows_per_expert, 1);
}

TEST(ExpertLoad, ASkewedRouterKeepsItsRowsAndCrowdsOneGpu) {
  EXPECT_TRUE(rc::check([] {
    const double experts = *rc::gen::element(8, 64, 128, 256, 512), gpus = *rc::gen::element(1, 2, 4, 8);
    const double tokens = *rc::gen::inRange(1, 20000), top_k = *rc::gen::element(1, 2, 4, 8);
    const ExpertLoad skewed = expert_load(tokens, top_k, experts, experts / gpus, Routing::skewed);
    const double rows = skewed.rows_per_expert * skewed.active_experts;
    RC_ASSERT(rows <= tokens * top_k * (1 + 1e-9));
    RC_ASSERT(rows >= tokens * top_k / gpus * 0.7);
    RC_ASSERT(skewed.active_experts <= experts / gpus && skewed.active_experts >= 1);
    RC_ASSERT(skewed.rows_beside <= skewed.rows_elsewhere);
    if (gpus == 1) RC_ASSERT(std::abs(rows - tokens * top_k) < 1e-6 * rows);
  }));
}

/// Rows of the busiest GPU by drawing popularities, the median of many draws.
double drawn(double tokens, double top_k, std::size_t experts, std::size_t gpus) {
  RandomStream random(7, "popularity");
  const double low = 1, high = 0.8 * tokens, span = std::pow(low, -0.2) - std::pow(high, -0.2);
  std::vector<double> most;
  for (int draw = 0; draw < 400; ++draw) {
    std::vector<double> load(gpus);
    for (std::size_t e = 0; e < experts; ++e)
      load[e * gpus / experts] += std::pow(std::pow(low, -0.2) - random.uniform() * span, -5);
    const double all = std::accumulate(load.begin(), load.end(), 0.0);
    most.push_back(tokens * top_k * *std::max_element(load.begin(), load.end()) / all);
  }
  std::nth_element(most.begin(), most.begin() + 200, most.end());
  return most[200];
}

TEST(ExpertLoad, TheClosedFormFollowsDraws) {
  for (const double tokens : {256.0, 2048.0, 16384.0})
    for (const std::size_t gpus : {2, 4, 8, 32}) {
      const ExpertLoad load = expert_load(tokens, 8, 256, 256.0 / double(gpus), Routing::skewed);
      const double rows = load.rows_per_expert * load.active_experts;
      EXPECT_NEAR(rows / drawn(tokens, 8, 256, gpus), 1, 0.15) << tokens << " tokens, " << gpus << " GPUs";
    }
}

}  // namespace
}  // namespace plenum::calibration
