#include "analysis/validation/training/plan_search.hpp"

#include <gtest/gtest.h>

#include "analysis/preset_cluster.hpp"
#include "workloads/training/memory.hpp"

namespace plenum::analysis {
namespace {

class PlanSearch : public testing::Test {
 protected:
  std::optional<workload::TrainingPlan> fastest(const std::string& model, std::int64_t gpus, std::int64_t batch) {
    const auto device = calibration::load_device("H100", {}, "", issues_);
    const auto cluster = preset_cluster("DGX-H100", gpus, issues_);
    model_ = workload::find_model(model, issues_).value_or(workload::Transformer{});
    workload::TrainingPlan written;
    written.micro_batch = 0, written.global_batch = batch, written.sequence_length = 8192;
    capacity_ = device->specification.memory;
    return fastest_plan(model_, written, {*device, *cluster, gpus});
  }

  Issues issues_;
  workload::Transformer model_;
  Bytes capacity_{};
};

TEST_F(PlanSearch, FindsAPlanThatFits) {
  const auto plan = fastest("Llama-3-70B", 64, 128);
  ASSERT_TRUE(plan);
  auto completed = *plan;
  EXPECT_TRUE(workload::complete(completed, model_, 64).empty());
  EXPECT_TRUE(workload::fits(model_, *plan, capacity_));
  EXPECT_GT(plan->tensor_parallel * plan->pipeline_parallel, 1);
}

/// More replicas than sequences are no plan, so ranks share sequences or matrices.
TEST_F(PlanSearch, SplitsWhatTheBatchDoesNot) {
  const auto plan = fastest("Llama-3-8B", 64, 16);
  ASSERT_TRUE(plan);
  EXPECT_LE(plan->data_parallel, 16);
}

TEST_F(PlanSearch, FindsTheSameTwice) {
  const auto once = fastest("Llama-3-8B", 16, 64), twice = fastest("Llama-3-8B", 16, 64);
  ASSERT_TRUE(once && twice);
  EXPECT_EQ(once->tensor_parallel, twice->tensor_parallel);
  EXPECT_EQ(once->pipeline_parallel, twice->pipeline_parallel);
  EXPECT_EQ(once->micro_batch, twice->micro_batch);
}

TEST_F(PlanSearch, FindsNothingWhereNothingFits) { EXPECT_FALSE(fastest("Llama-3.1-405B", 8, 64)); }

}  // namespace
}  // namespace plenum::analysis
