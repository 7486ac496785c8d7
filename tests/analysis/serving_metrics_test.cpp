#include "analysis/serving_metrics.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace plenum::analysis {
namespace {

TEST(Distribution, PercentilesAreNearestRanks) {
  std::vector<double> values(100);
  std::iota(values.begin(), values.end(), 1);
  const auto d = distribution(values);
  EXPECT_EQ(d.mean, 50.5);
  EXPECT_EQ(d.p50, 50);
  EXPECT_EQ(d.p99, 99);
  EXPECT_EQ(d.max, 100);
}

TEST(ServingMetrics, LatenciesRatesAndGoodput) {
  scenario::Bound bound;
  bound.device.specification.power = Watts(700);
  scenario::BoundServing job;
  job.service_level.time_to_first_token = Seconds(0.5);
  datacenter::ServingResult result;
  result.requests = {{Seconds(0), Seconds(1), Seconds(3), 100, 5},    // 1 s to the first token, 0.5 s per token
                     {Seconds(1), Seconds(1.2), Seconds(4), 50, 1},   // no time per token
                     {Seconds(2), Seconds(0), Seconds(0), 9999, 5}};  // refused
  result.end = Seconds(4);
  result.pool.replicas = 1;
  const auto m = measure(bound, job, result);
  EXPECT_EQ(m.refused, 1u);
  EXPECT_DOUBLE_EQ(m.time_to_first_token.mean, 0.6);
  EXPECT_EQ(m.time_per_output_token.count, 1u);
  EXPECT_DOUBLE_EQ(m.time_per_output_token.mean, 0.5);
  EXPECT_DOUBLE_EQ(m.output_tokens_per_second, 6 / 4.0);
  EXPECT_DOUBLE_EQ(m.requests_per_second, 0.5);
  EXPECT_DOUBLE_EQ(m.good, 1.0 / 3);
}

}  // namespace
}  // namespace plenum::analysis
