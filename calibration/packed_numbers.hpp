// Numbers of a device file as text, "1.5 2.25 3": read ten times as fast as JSON's lists, which keep a position for each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plenum::calibration {

/// Positive numbers separated by single blanks, or nothing when the text is anything else.
std::vector<double> unpacked(std::string_view text);

/// The numbers with so many significant digits.
std::string packed(const std::vector<double>& numbers, int digits);

}  // namespace plenum::calibration
