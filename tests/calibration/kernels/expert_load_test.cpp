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

struct Drawn {
  double rows = 0, active = 0;
};

using Counts = std::vector<std::vector<std::int64_t>>;  // rows of every GPU's experts

/// One row for the emptiest expert, or from the fullest, of each GPU in turn.
void correct(Counts& counts, std::int64_t missing, std::int64_t tokens) {
  for (std::size_t gpu = 0; missing != 0; gpu = (gpu + 1) % counts.size()) {
    auto& here = counts[gpu];
    const auto chosen =
        missing > 0 ? std::min_element(here.begin(), here.end()) : std::max_element(here.begin(), here.end());
    const std::int64_t step = missing > 0 ? 1 : -1;
    if (*chosen + step < 0 || *chosen + step > tokens) continue;
    *chosen += step;
    missing -= step;
  }
}

/// The busiest GPU by drawing as the benchmark does.
Drawn draw(RandomStream& random, std::int64_t tokens, std::int64_t top_k, std::size_t experts, std::size_t gpus) {
  const std::int64_t all = tokens * top_k;
  const bool few = all <= std::int64_t(experts);
  const double low = few ? 0.01 : 1, high = few ? 2 : 0.8 * double(tokens);
  std::vector<double> popularity(experts);
  for (double& x : popularity)
    x = std::pow(std::pow(low, -0.2) - random.uniform() * (std::pow(low, -0.2) - std::pow(high, -0.2)), -5);
  const double sum = std::accumulate(popularity.begin(), popularity.end(), 0.0);
  Counts counts(gpus, std::vector<std::int64_t>(experts / gpus));
  std::int64_t missing = all;
  for (std::size_t e = 0; e < experts; ++e) {
    auto& rows = counts[e * gpus / experts][e % (experts / gpus)];
    rows = std::min<std::int64_t>(tokens, std::llround(popularity[e] / sum * double(all)));
    missing -= rows;
  }
  correct(counts, missing, tokens);
  const auto total = [](const auto& c) { return std::accumulate(c.begin(), c.end(), std::int64_t{0}); };
  const auto busiest = std::ranges::max_element(counts, {}, total);
  return {double(total(*busiest)), double(busiest->size()) - double(std::ranges::count(*busiest, 0))};
}

Drawn median_of_draws(std::int64_t tokens, std::int64_t top_k, std::size_t experts, std::size_t gpus) {
  RandomStream random(7, "popularity");
  std::vector<double> rows, active;
  for (int i = 0; i < 100; ++i) {
    const Drawn drawn = draw(random, tokens, top_k, experts, gpus);
    rows.push_back(drawn.rows);
    active.push_back(drawn.active);
  }
  for (auto* sample : {&rows, &active}) std::nth_element(sample->begin(), sample->begin() + 50, sample->end());
  return {rows[50], active[50]};
}

TEST(ExpertLoad, TheClosedFormFollowsTheBenchmarksDraws) {
  struct Layer {
    std::int64_t top_k;
    std::size_t experts;
  };
  for (const auto& [top_k, experts] : {Layer{8, 128}, {8, 256}, {10, 512}})
    for (const std::int64_t tokens : {8, 32, 256, 2048})
      for (const std::size_t gpus : {1, 4, 8}) {
        const ExpertLoad load = expert_load(double(tokens), double(top_k), double(experts),
                                            double(experts) / double(gpus), Routing::skewed);
        const Drawn drawn = median_of_draws(tokens, top_k, experts, gpus);
        const auto where = testing::Message() << experts << " experts, " << tokens << " tokens, " << gpus << " GPUs";
        EXPECT_NEAR(load.rows_per_expert * load.active_experts / drawn.rows, 1, 0.1) << where;
        EXPECT_NEAR(load.active_experts / drawn.active, 1, 0.15) << where;
      }
}

}  // namespace
}  // namespace plenum::calibration
