#include "calibration/training_slowdown.hpp"

#include <gtest/gtest.h>

namespace plenum::calibration {
namespace {

Device blackwell(double watts) {
  Device device;
  device.specification.architecture = "blackwell";
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
  Device hopper;
  hopper.specification.architecture = "hopper";
  EXPECT_EQ(attention_slowdown(hopper, Precision::bf16), training_slowdown(hopper, Precision::bf16));
}

TEST(TrainingSlowdown, SparesWhatWasTimedUnderLoad) {
  Issues issues;
  const auto device = load_device("H200-SXM-microbench", {}, "", issues);
  ASSERT_TRUE(device);
  EXPECT_EQ(training_slowdown(*device, Precision::bf16), 1);
  EXPECT_EQ(attention_slowdown(*device, Precision::bf16), 1);
}

TEST(TrainingSlowdown, SparesAmpere) {
  Device ampere;
  ampere.specification.architecture = "ampere";
  EXPECT_EQ(training_slowdown(ampere, Precision::bf16), 1);
}

}  // namespace
}  // namespace plenum::calibration
