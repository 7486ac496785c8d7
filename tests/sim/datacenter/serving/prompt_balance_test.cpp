#include "sim/datacenter/serving/prompt_balance.hpp"

#include <gtest/gtest.h>

namespace plenum::datacenter {
namespace {

TEST(PromptBalance, PromptsStartWhenEveryRankHasOne) {
  PromptBalance balance(60, 0);
  EXPECT_FALSE(balance.lets_start(false, true));
  EXPECT_TRUE(balance.lets_start(true, true));
}

TEST(PromptBalance, TheyWaitNoLongerThanTheTimeOut) {
  PromptBalance balance(4, 0);
  for (int step = 0; step < 3; ++step) EXPECT_FALSE(balance.lets_start(false, true));
  EXPECT_TRUE(balance.lets_start(false, true));
  EXPECT_FALSE(balance.lets_start(false, true));  // and the next time-out begins
}

TEST(PromptBalance, ARankWithoutDecodesLosesNothingByThem) {
  PromptBalance balance(60, 10);
  EXPECT_TRUE(balance.lets_start(false, false));
  EXPECT_TRUE(balance.lets_start(true, false));
}

TEST(PromptBalance, AFullSetWaitsForMorePrompts) {
  PromptBalance balance(60, 2);
  EXPECT_FALSE(balance.lets_start(true, true));
  EXPECT_FALSE(balance.lets_start(true, true));
  EXPECT_TRUE(balance.lets_start(true, true));
  EXPECT_FALSE(balance.lets_start(true, true));
}

/// Asking in every step and skipping the steps that stay closed come to the same.
TEST(PromptBalance, StepsMayBeSkippedAsLongAsNothingChanges) {
  for (const bool complete : {false, true}) {
    PromptBalance asked(7, 5), skipped(7, 5);
    for (int round = 0; round < 3; ++round) {
      int steps = 1;
      while (!asked.lets_start(complete, true)) ++steps;
      ASSERT_FALSE(skipped.lets_start(complete, true));
      const std::int64_t closed = skipped.steps_closed();
      EXPECT_EQ(closed, steps - 2);
      skipped.pass(closed);
      EXPECT_TRUE(skipped.lets_start(complete, true));
    }
  }
}

}  // namespace
}  // namespace plenum::datacenter
