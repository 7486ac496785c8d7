#include "analysis/serving_capacity.hpp"

#include <gmock/gmock.h>

namespace plenum::analysis {
namespace {

using testing::HasSubstr;

/// 141 GB of weights on GPUs of 80 GB.
scenario::Loaded too_large_as_written() {
  scenario::Loaded loaded;
  loaded.scenario.cluster.gpu = "H100-SXM";
  auto& job = loaded.scenario.jobs.emplace_back().serving.emplace();
  job.model_name = "LLAMA3-70B";
  job.requests.count = 2000;
  job.requests.per_second = 1;
  job.requests.output.tokens = 2;
  return loaded;
}

// No rate holds a microsecond: one simulation per plan.
TEST(ServingCapacity, SearchesPlansWhereTheOneWrittenDoesNotFit) {
  Issues issues;
  const auto objectives = parse_objectives("p99 ttft <= 1 us", issues);
  const auto found = find_capacity(too_large_as_written(), objectives, 1, issues);
  ASSERT_FALSE(issues.has_errors()) << to_string(issues.all().front());
  ASSERT_GE(found.plans.size(), 3u);
  EXPECT_THAT(found.plans[0].refusal, HasSubstr("does not fit"));
  EXPECT_EQ(found.plans[2].plan.tensor_parallel, 4);
  EXPECT_TRUE(found.plans[2].refusal.empty());
  EXPECT_FALSE(found.plans[2].points.empty());
}

TEST(ServingCapacity, AClosedLoopIsSearchedAtRatesToo) {
  auto loaded = too_large_as_written();
  auto& job = *loaded.scenario.jobs.front().serving;
  job.model_name = "GPT3-1.3B";
  job.requests.per_second = 0;
  job.requests.concurrency = 2;
  job.requests.barrier_after = 4;
  Issues issues;
  const auto found = find_capacity(loaded, parse_objectives("p99 ttft <= 1 us", issues), 1, issues);
  ASSERT_FALSE(issues.has_errors()) << to_string(issues.all().front());
  ASSERT_FALSE(found.plans.empty());
  EXPECT_EQ(found.plans.front().refusal, "");
  EXPECT_FALSE(found.plans.front().points.empty());
}

TEST(ServingCapacity, RefusesWhatFitsInNoPlan) {
  auto loaded = too_large_as_written();
  loaded.scenario.jobs.front().serving->model_name = "LLAMA3.1-405B";
  Issues issues;
  const auto found = find_capacity(loaded, parse_objectives("p99 ttft <= 1 s", issues), 1, issues);
  EXPECT_TRUE(found.plans.empty());
  ASSERT_TRUE(issues.has_errors());
  EXPECT_THAT(issues.all().front().message, HasSubstr("LLAMA3.1-405B does not fit"));
}

}  // namespace
}  // namespace plenum::analysis
