#include "analysis/stage_load.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <queue>

namespace plenum::analysis {
namespace {

constexpr int requests = 600;
constexpr double loads[] = {0.7, 0.9, 1.3, 2, 10};

scenario::ApplicationStage tool() {
  scenario::ApplicationStage stage;
  stage.name = "tool";
  stage.service = {.time = Seconds(0.5), .coefficient_of_variation = 1, .servers = 4};  // eight a second
  return stage;
}

TEST(StageLoad, AToolsWorkIsRateTimesTimeOverServers) {
  for (const double load : loads) {
    const auto found = stage_load(tool(), {}, load * 8 / 2, 2, Seconds(100));  // two passages of each request
    EXPECT_DOUBLE_EQ(found.offered, load);
    EXPECT_EQ(found.overloaded(), load > 1) << load;
  }
}

TEST(StageLoad, ASearchIsAsFastAsItsHostsMemories) {
  scenario::ApplicationStage stage;
  stage.search = {.vectors = 1000000, .dimension = 250, .hosts = 2, .bandwidth = BytesPerSecond(100e9)};  // 5 ms
  EXPECT_NEAR(stage_load(stage, {}, 180, 1, Seconds(10)).offered, 0.9, 1e-12);
  EXPECT_TRUE(stage_load(stage, {}, 260, 1, Seconds(10)).overloaded());
}

TEST(StageLoad, WhatIsEnoughForAllAndClosedLoopsAreNeverOverloaded) {
  auto stage = tool();
  EXPECT_FALSE(stage_load(stage, {}, 0, 1, Seconds(10)).overloaded());
  stage.service->servers = 0;
  EXPECT_FALSE(stage_load(stage, {}, 1e6, 1, Seconds(10)).overloaded());
}

scenario::ApplicationStage model() {
  scenario::ApplicationStage stage;
  stage.name = "answer";
  stage.served_by = "chat";
  return stage;
}

/// Passages that begin evenly, `load` a second, through one server of one a second, the first to come first served.
datacenter::StageCounters one_after_another(double load) {
  datacenter::StageCounters counters;
  double free = 0;
  for (int i = 0; i < requests; ++i) {
    const double begin = i / load;
    free = std::max(free, begin) + 1;
    counters.times.push_back(free - begin);
    counters.ends.push_back(free);
  }
  return counters;
}

/// The same work shared among all that are there: one unit each, in the order in which they come.
datacenter::StageCounters all_at_a_time(double load) {
  datacenter::StageCounters counters;
  double now = 0, done = 0;                      // of the work of whoever has been there all the time
  std::queue<std::pair<double, double>> inside;  // begin, `done` at the end
  const auto finish_until = [&](double then) {
    while (!inside.empty()) {
      const double left = (inside.front().second - done) * static_cast<double>(inside.size());
      if (now + left > then) break;
      now += left;
      done = inside.front().second;
      counters.times.push_back(now - inside.front().first);
      counters.ends.push_back(now);
      inside.pop();
    }
    if (!inside.empty()) done += (then - now) / static_cast<double>(inside.size());
    now = then;
  };
  for (int i = 0; i < requests; ++i) {
    finish_until(i / load);
    inside.emplace(now, done + 1);
  }
  finish_until(1e9);
  return counters;
}

TEST(StageLoad, AModelFallsBehindByWhatItCannotCarryWhoeverIsServedFirst) {
  for (const double load : loads) {
    const Seconds last((requests - 1) / load);
    const auto first_in = stage_load(model(), one_after_another(load), load, 1, last),
               shared = stage_load(model(), all_at_a_time(load), load, 1, last);
    EXPECT_NEAR(first_in.behind, std::max(0.0, 1 - 1 / load), 0.02) << load;
    EXPECT_EQ(shared.overloaded(), load > 1) << load;
    EXPECT_GE(shared.behind, first_in.behind - 0.02) << load;  // as much work is begun, less of it is over
  }
}

// Behind a stage that lets through less than it could, a model keeps up.
TEST(StageLoad, AModelBehindAnOverloadedStageIsNot) {
  const auto first = one_after_another(2);
  datacenter::StageCounters second;
  for (const double begin : first.ends) {
    second.times.push_back(0.8);
    second.ends.push_back(begin + 0.8);
  }
  const Seconds last((requests - 1) / 2.0);
  EXPECT_TRUE(stage_load(model(), first, 2, 1, last).overloaded());
  EXPECT_FALSE(stage_load(model(), second, 2, 1, last).overloaded());
}

}  // namespace
}  // namespace plenum::analysis
