#include "calibration/training_slowdown.hpp"

#include <gtest/gtest.h>

namespace plenum::calibration {
namespace {

Device of(const char* architecture, std::int64_t multiprocessors = 132) {
  Device device;
  device.specification.architecture = architecture;
  device.specification.multiprocessors = multiprocessors;
  return device;
}

Device blackwell(double watts) {
  Device device = of("blackwell");
  device.specification.power = Watts(watts);
  return device;
}

TEST(TrainingSlowdown, FollowsThePowerLimitOnBlackwell) {
  for (const Precision precision : {Precision::bf16, Precision::mxfp8}) {
    EXPECT_GT(training_slowdown(blackwell(1000), precision), training_slowdown(blackwell(1200), precision));
    EXPECT_EQ(training_slowdown(blackwell(5000), precision), 1);
  }
  EXPECT_EQ(training_slowdown(blackwell(1000), Precision::nvfp4), training_slowdown(blackwell(1200), Precision::nvfp4));
}

TEST(TrainingSlowdown, HoldsAttentionLessThanWideProducts) {
  EXPECT_LT(attention_slowdown(blackwell(1000), Precision::bf16), training_slowdown(blackwell(1000), Precision::bf16));
  const Device hopper = of("hopper");
  EXPECT_EQ(attention_slowdown(hopper, Precision::bf16), training_slowdown(hopper, Precision::bf16));
}

TEST(TrainingSlowdown, SparesWhatWasTimedUnderLoad) {
  Issues issues;
  const auto device = load_device("H200-SXM-microbench", {}, "", issues);
  ASSERT_TRUE(device);
  EXPECT_EQ(training_slowdown(*device, Precision::bf16), 1);
  EXPECT_EQ(attention_slowdown(*device, Precision::bf16), 1);
}

TEST(TrainingSlowdown, SparesAmpere) { EXPECT_EQ(training_slowdown(of("ampere"), Precision::bf16), 1); }

TEST(HeldMultiprocessors, TakeTheirShare) {
  const HeldMultiprocessors held(of("ampere", 100));
  EXPECT_EQ(held.slowdown(0), 1);
  EXPECT_EQ(held.slowdown(-1e-9), 1);
  EXPECT_DOUBLE_EQ(held.slowdown(20), 1.25);
  EXPECT_EQ(held.slowdown(60), 2);
  EXPECT_EQ(held.slowdown(200), 2);
}

TEST(HeldMultiprocessors, OnHopperTakeWhatWasMeasured) {
  const HeldMultiprocessors held(of("hopper"));
  EXPECT_DOUBLE_EQ(held.slowdown(16), 1.219);
  EXPECT_NEAR(held.slowdown(12), (1.126 + 1.219) / 2, 1e-12);
  EXPECT_DOUBLE_EQ(held.slowdown(44), 1.5);
  for (int k = 0; k < 132; ++k) EXPECT_LE(held.slowdown(k), held.slowdown(k + 1)) << k;
}

}  // namespace
}  // namespace plenum::calibration
