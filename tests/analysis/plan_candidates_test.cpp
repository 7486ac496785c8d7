#include "analysis/plan_candidates.hpp"

#include <gmock/gmock.h>

#include <set>
#include <tuple>

namespace plenum::analysis {
namespace {

workload::Transformer model(const char* name) {
  Issues issues;
  auto found = workload::find_model(name, issues);
  found->fill_defaults();
  return *found;
}

auto degrees(const workload::ServingPlan& plan) {
  return std::tuple(plan.tensor_parallel, plan.pipeline_parallel, plan.attention_data_parallel, plan.expert_parallel);
}

TEST(PlanCandidates, OfADenseModelAreTensorAndPipelineParallel) {
  const auto dense = model("LLAMA3-70B");
  EXPECT_EQ(plans_by_tensor({}, 8).size(), 4u);
  // 2^a x 2^b <= 8 has ten solutions, four of them without a pipeline.
  EXPECT_EQ(other_plans({}, dense, 8).size(), 6u);
  for (const auto& plan : other_plans({}, dense, 8)) EXPECT_GT(plan.pipeline_parallel, 1);
}

TEST(PlanCandidates, OfAMixtureSpreadItsExperts) {
  const auto mixture = model("DeepSeekV3");
  std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>> seen;
  for (const auto& plans : {plans_by_tensor({}, 8), other_plans({}, mixture, 8)})
    for (const auto& plan : plans) {
      EXPECT_TRUE(seen.insert(degrees(plan)).second);
      EXPECT_LE(plan.gpus(), 8);
      EXPECT_TRUE(workload::check(plan, mixture).empty());
    }
  EXPECT_TRUE(seen.contains({1, 1, 8, 8}));  // attention ranks, spread experts
  EXPECT_TRUE(seen.contains({8, 1, 1, 1}));
  EXPECT_TRUE(seen.contains({8, 1, 1, 8}));
  EXPECT_TRUE(seen.contains({2, 2, 2, 4}));
}

TEST(PlanCandidates, KeepWhatElseIsWritten) {
  workload::ServingPlan written;
  written.tensor_parallel = 6;
  written.precision = Precision::fp8;
  const auto plans = plans_by_tensor(written, 8);
  EXPECT_EQ(plans.back().tensor_parallel, 6);
  for (const auto& plan : plans) EXPECT_EQ(plan.precision, Precision::fp8);
}

}  // namespace
}  // namespace plenum::analysis
