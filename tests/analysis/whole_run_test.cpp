// A run of known steps against sums done by hand.
#include "analysis/whole_run.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace plenum::analysis {
namespace {

/// 1000 steps of 10 s on 8 GPUs in a node.
struct Case {
  scenario::Bound bound;
  scenario::BoundTraining job;
  Case() {
    bound.specification.node.gpus = 8;
    bound.specification.node.pcie = BytesPerSecond(50e9);
    job.model.layers = 2;
    job.model.hidden = 512;
    job.model.heads = job.model.kv_heads = 8;
    job.model.vocabulary = 1000;
    job.model.fill_defaults();
    job.plan.tensor_parallel = 8;
    job.plan.data_parallel = 1;
    job.plan.global_batch = 4;
    job.plan.sequence_length = 250;
    job.plan.recompute = workload::Recompute::none;
    job.tokens = 1'000'000;
    job.run.emplace();
  }
  WholeRun account() const { return *whole_run(bound, job, Seconds(10)); }
};

TEST(WholeRun, IsItsStepsWhenNothingElseHappens) {
  const auto run = Case().account();
  EXPECT_EQ(run.steps, 1000);
  EXPECT_DOUBLE_EQ(run.total.value(), 10000);
  EXPECT_DOUBLE_EQ(run.goodput, 1);
}

TEST(WholeRun, WaitsForSynchronousCheckpoints) {
  Case c;
  c.job.run->checkpoints = scenario::Checkpoints{.every = 100, .per_node = BytesPerSecond(1e6)};
  const double bytes = 14.0 * static_cast<double>(c.job.model.parameters());
  EXPECT_DOUBLE_EQ(c.account().checkpoints.value(), 10 * bytes / 1e6);
}

TEST(WholeRun, WaitsForTheCopyOfAsynchronousOnes) {
  Case c;
  c.job.run->checkpoints = scenario::Checkpoints{.every = 100, .asynchronous = true, .per_node = BytesPerSecond(1e9)};
  const double bytes = 14.0 * static_cast<double>(c.job.model.parameters());
  EXPECT_DOUBLE_EQ(c.account().checkpoints.value(), 10 * bytes / 8 / 50e9);
  c.job.run->checkpoints->per_node = BytesPerSecond(bytes / 1500);  // stored after 1500 s, the next begins after 1000 s
  EXPECT_NEAR(c.account().stall.value(), 500, 1e-9);
}

TEST(WholeRun, ValidatesWithAThirdOfAStep) {
  Case c;
  c.job.run->validation = scenario::Validation{.every = 200, .steps = 6};
  EXPECT_NEAR(c.account().validation.value(), 5 * 6 * 10 / 3.0, 1e-9);
}

TEST(WholeRun, ShowsOnlyTheLoadersExcess) {
  Case c;
  c.job.run->load_batch = Seconds(9);
  EXPECT_EQ(c.account().data.value(), 0);
  c.job.run->load_batch = Seconds(12);
  EXPECT_DOUBLE_EQ(c.account().data.value(), 2000);
}

/// A failure every 8000 s that costs 50 s: 1 / (1 - 50 / 8000).
TEST(WholeRun, LosesHalfOfTheTimeBetweenCheckpoints) {
  Case c;
  c.job.run->checkpoints = scenario::Checkpoints{.every = 10, .per_node = BytesPerSecond(1e18)};
  c.job.run->time_between_failures = Seconds(64000);
  const auto run = c.account();
  EXPECT_NEAR(run.total.value(), 10000 / (1 - 50.0 / 8000), 1e-6);
  EXPECT_NEAR(run.failure_count, run.total.value() / 8000, 1e-9);
  c.job.run->time_between_failures = Seconds(100);
  EXPECT_TRUE(std::isinf(c.account().total.value()));
}

}  // namespace
}  // namespace plenum::analysis
