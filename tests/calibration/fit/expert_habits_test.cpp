#include "calibration/fit/expert_habits.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace plenum::calibration {
namespace {

TEST(ExpertHabits, FindsTheOnesThatFit) {
  const ExpertHabits found = find_habits([](const ExpertHabits& h) {
    return std::abs(h.unrouted - 0.6) + std::abs(h.computed - 1) + 100 * std::abs(h.step - 0.0021);
  });
  EXPECT_EQ(found.unrouted, 0.5);
  EXPECT_EQ(found.computed, 1);
  EXPECT_EQ(found.step, 0.002);
}

TEST(ExpertHabits, WithoutNeedThereAreNone) {
  const ExpertHabits found = find_habits([](const ExpertHabits&) { return 1.0; });
  EXPECT_EQ(found.unrouted + found.computed + found.step, 0);
}

TEST(ExpertHabits, ComputedRowsCountAsRowsOfTheExpertsHere) {
  const ExpertLoad load = expert_load(1024, 8, 256, 32, Routing::balanced);
  EXPECT_EQ(expert_sizes(load, 512, {})[0], 32);
  EXPECT_EQ(expert_sizes(load, 512, {.computed = 1})[0], 8 * 32);
}

}  // namespace
}  // namespace plenum::calibration
