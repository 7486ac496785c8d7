#include "analysis/kernel_error.hpp"

#include <gtest/gtest.h>

namespace plenum::analysis {
namespace {

calibration::Device device(const std::string& name) {
  Issues issues;
  return std::move(*calibration::load_device(name, {}, "", issues));
}

datacenter::Breakdown half_products() {
  datacenter::Breakdown parts{};
  parts[0] = parts[1] = Seconds(1);  // matrix products and attention
  return parts;
}

TEST(KernelError, IsTheCurvesOwnOnTheShareOfItsKernels) {
  const auto error = kernel_error(device("H100-SXM"), half_products(), Precision::bf16);
  EXPECT_GT(error.median, 0.005);
  EXPECT_LT(error.median, 0.04);
  EXPECT_DOUBLE_EQ(error.share, 0.5);
  EXPECT_NE(text_of(error).find("are 50 % of the step"), std::string::npos);
}

TEST(KernelError, OfAFormatWithoutACurveIsItsRelatives) {
  const auto h100 = device("H100-SXM");
  EXPECT_EQ(kernel_error(h100, half_products(), Precision::mxfp8).median,
            kernel_error(h100, half_products(), Precision::fp8_block).median);
}

TEST(KernelError, OfNoStepIsUnknown) {
  EXPECT_EQ(text_of(kernel_error(device("H100-SXM"), {}, Precision::bf16)), "");
}

}  // namespace
}  // namespace plenum::analysis
