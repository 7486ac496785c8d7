#include "analysis/cost.hpp"

#include <gtest/gtest.h>

namespace plenum::analysis {
namespace {

const StepUse use{.step = Seconds(36), .gpus = 100, .tokens = 1e6, .run_tokens = 1e12, .energy = Joules(3.6e9)};

TEST(Cost, NothingIsPricedWithoutPrices) { EXPECT_TRUE(costs({}, use).empty()); }

TEST(Cost, RentPerGpuHour) {
  scenario::Economy economy;
  economy.rent.emplace().per_gpu = DollarsPerSecond(2.5 / 3600);
  const auto cost = costs(economy, use).at(0);
  EXPECT_DOUBLE_EQ(cost.per_step.value(), 2.5);  // 100 GPUs x 0.01 h x $2.50
  EXPECT_DOUBLE_EQ(cost.per_trillion_tokens.value(), 2.5e6);
  EXPECT_DOUBLE_EQ(cost.whole_run.value(), 2.5e6);
  EXPECT_EQ(cost.basis, "rent $2.50/GPU-hour");
}

TEST(Cost, InstancesAreRentedWhole) {
  scenario::Economy economy;
  economy.rent.emplace().per_instance = DollarsPerSecond(36999.0 / (730 * 3600));
  const auto cost = costs(economy, use).at(0);
  EXPECT_DOUBLE_EQ(cost.per_step.value(), 13 * 36999.0 / 73000);  // 100 GPUs in 13 instances of 8, 36 s of 730 h
  EXPECT_EQ(cost.basis, "rent $36999/month per 8 GPUs");
}

TEST(Cost, OwnershipIsCapitalInUseAndEnergy) {
  scenario::Economy economy;
  auto& own = economy.own.emplace();
  own.per_gpu = Dollars(43000);
  own.utilization = 0.5;
  own.electricity = DollarsPerJoule(0.08 / 3.6e6);
  const auto cost = costs(economy, use).at(0);
  const double capital = 100 * 43000.0 * 36 / (4 * 365.25 * 86400) / 0.5;
  EXPECT_DOUBLE_EQ(cost.per_step.value(), capital + 80);  // 1,000 kWh
  EXPECT_EQ(cost.basis, "owned $43000/GPU over 4.0 years + energy at $0.080/kWh");
}

TEST(Cost, ARunWithoutTokensHasNoTotal) {
  scenario::Economy economy;
  economy.rent.emplace().per_gpu = DollarsPerSecond(1);
  auto unpriced = use;
  unpriced.run_tokens = 0;
  EXPECT_EQ(costs(economy, unpriced).at(0).whole_run.value(), 0);
}

}  // namespace
}  // namespace plenum::analysis
