#include "calibration/packed_numbers.hpp"

#include <gtest/gtest.h>

namespace plenum::calibration {
namespace {

TEST(PackedNumbers, ComeBackAsTheyWere) {
  const std::vector<double> numbers{1.5, 2e-5, 123456, 0.3333};
  EXPECT_EQ(unpacked(packed(numbers, 6)), numbers);
  EXPECT_EQ(packed({2.0 / 3}, 3), "0.667");
  EXPECT_TRUE(unpacked("").empty());
}

TEST(PackedNumbers, AnythingElseIsNothing) {
  for (const auto* text : {" ", "1 ", " 1", "1  2", "1,2", "1x", "x", "-1", "0", "nan", "inf", "1e999", "1 2 -3"})
    EXPECT_TRUE(unpacked(text).empty()) << text;
}

}  // namespace
}  // namespace plenum::calibration
