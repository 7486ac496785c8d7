#include "calibration/fit/kernel_habits.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "calibration/kernels/expert_load.hpp"

namespace plenum::calibration {
namespace {

TEST(KernelHabits, FindsTheOnesThatFit) {
  const KernelHabits found = find_habits(KernelFamily::moe, [](const KernelHabits& h) {
    return std::abs(h.unrouted - 0.6) + std::abs(h.computed - 1) + 100 * std::abs(h.step - 0.0021) +
           std::abs(h.expert - 0.22);
  });
  EXPECT_EQ(found.unrouted, 0.5);
  EXPECT_EQ(found.computed, 1);
  EXPECT_EQ(found.step, 0.002);
  EXPECT_EQ(found.expert, 0.2);
}

TEST(KernelHabits, WithoutNeedThereAreNone) {
  const KernelHabits found = find_habits(KernelFamily::moe, [](const KernelHabits&) { return 1.0; });
  EXPECT_EQ(found.unrouted + found.computed + found.step + found.expert, 0);
}

TEST(KernelHabits, LayersHaveTilesAndNothingOfExperts) {
  const KernelHabits found = find_habits(KernelFamily::linear_layer, [](const KernelHabits& h) {
    return std::abs(h.empty_row - 1.4) + std::abs(h.unrouted - 1) + std::abs(h.computed - 1) + std::abs(h.step - 1);
  });
  EXPECT_EQ(found.empty_row, 1.5);
  EXPECT_EQ(found.unrouted + found.computed + found.step, 0);
}

TEST(KernelHabits, EmptyRowsCountAboveTheNodesThatShowThem) {
  for (const double m : {1, 129, 257, 512}) EXPECT_EQ(rows_with_empty(m, 2), m);
  for (const double m : {768, 1024, 32768}) EXPECT_EQ(rows_with_empty(m, 2), m);  // full tiles
  EXPECT_EQ(rows_with_empty(513, 1), 768);
  EXPECT_EQ(rows_with_empty(640, 2), 640 + 2 * 128);
  EXPECT_EQ(rows_with_empty(8193, 0), 8193);
}

TEST(KernelHabits, ComputedRowsCountAsRowsOfTheExpertsHere) {
  const ExpertLoad load = expert_load(1024, 8, 256, 32, Routing::balanced);
  EXPECT_EQ(expert_sizes(load, 512, {})[0], 32);
  EXPECT_EQ(expert_sizes(load, 512, {.computed = 1})[0], 8 * 32);
}

}  // namespace
}  // namespace plenum::calibration
