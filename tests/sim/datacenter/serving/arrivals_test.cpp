#include "sim/datacenter/serving/arrivals.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "fork.hpp"
#include "sim/datacenter/serving/served.hpp"

namespace plenum::datacenter {
namespace {

scenario::ServingJob closed_loop() {
  scenario::ServingJob job;
  job.model_name = "GPT3-1.3B";
  job.replicas = 1;
  job.requests = {.concurrency = 4, .barrier_after = 10, .count = 30};
  job.requests.prompt.tokens = 64;
  job.requests.output = {.kind = workload::LengthKind::uniform, .tokens = 40, .minimum = 10};
  return job;
}

/// Arrivals of all requests, then when each was done.
std::vector<double> times(const scenario::ServingJob& job) {
  return test::in_child([&] {
    const auto requests = test::served(job, 1, [](workload::EngineProfile&) {}).requests;
    std::vector<double> all;
    for (const auto& request : requests) all.push_back(request.arrival.value());
    for (const auto& request : requests) all.push_back(request.done.value());
    return all;
  });
}

TEST(Arrivals, BeginAnewWhenAllBeforeTheBarrierAreDone) {
  const auto all = times(closed_loop());
  ASSERT_EQ(all.size(), 60u);
  const double last = *std::max_element(all.begin() + 30, all.begin() + 40);
  for (int i = 10; i < 14; ++i) EXPECT_EQ(all[i], last);
  EXPECT_GT(all[14], last);
}

// As many as fit into it come at first, the others with the barrier behind them.
TEST(Arrivals, ABarrierMayComeBeforeTheLoopIsFull) {
  auto job = closed_loop();
  job.requests.barrier_after = 2;
  const auto all = times(job);
  EXPECT_EQ(std::count(all.begin(), all.begin() + 30, 0), 2);
  EXPECT_EQ(all[2], std::max(all[30], all[31]));
  EXPECT_EQ(all[5], all[2]);
}

TEST(Arrivals, ABarrierBeforeTheLastHoldsNothingUp) {
  auto job = closed_loop();
  job.requests.barrier_after = 29;
  const auto all = times(job);
  EXPECT_EQ(all[29], *std::max_element(all.begin() + 30, all.begin() + 59));
}

}  // namespace
}  // namespace plenum::datacenter
