#include "calibration/packed_numbers.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace plenum::calibration {

std::vector<double> unpacked(std::string_view text) {
  std::vector<double> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    double number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    const bool separated = next == end || (*next == ' ' && next + 1 != end);
    if (error != std::errc() || !(number > 0) || !std::isfinite(number) || !separated) return {};
    numbers.push_back(number);
    at = next == end ? end : next + 1;
  }
  return numbers;
}

std::string packed(const std::vector<double>& numbers, int digits) {
  std::string text;
  for (const double number : numbers) text += fmt::format("{}{:.{}g}", text.empty() ? "" : " ", number, digits);
  return text;
}

}  // namespace plenum::calibration
