#include "calibration/packed_numbers.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace plenum::calibration {
namespace {

TEST(PackedNumbers, ComeBackAsTheyWere) {
  const std::vector<double> numbers{1.5, 2e-5, 123456, 0.3333};
  EXPECT_EQ(unpacked(packed(numbers, 6)), numbers);
  EXPECT_EQ(packed({2.0 / 3}, 3), "0.667");
  EXPECT_TRUE(unpacked("").empty());
}

TEST(PackedNumbers, AreTheNearestDoubles) {
  for (const std::string text : {"0.1", "1.234", "00.30", "9007199254740.993", "0.00000000000001", "123456789012345",
                                 "1234567890123456789", "0.12345678901234567", "1.", ".5", "1.234e+05", "5e-324"})
    EXPECT_EQ(unpacked(text), std::vector<double>{std::strtod(text.c_str(), nullptr)}) << text;
}

TEST(PackedNumbers, AnythingElseIsNothing) {
  for (const auto* text :
       {" ", "1 ", " 1", "1  2", "1,2", "1x", "x", "-1", "0", "nan", "inf", ".", "1.2.3", "1e", "1e999", "1 2 -3"})
    EXPECT_TRUE(unpacked(text).empty()) << text;
}

}  // namespace
}  // namespace plenum::calibration
