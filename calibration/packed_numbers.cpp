#include "calibration/packed_numbers.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>

namespace plenum::calibration {
namespace {

struct Number {
  double value = 0;  ///< 0: the text begins with none
  const char* end = nullptr;
};

/// What std::from_chars reads, in a fifth of the time where a number has few digits and no exponent: then its digits
/// and the power of ten are exact in a double, and their quotient is the double nearest to what is written.
Number first_number(const char* begin, const char* end) {
  constexpr std::array powers{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  std::uint64_t digits = 0;
  const char* at = begin;
  const auto take_digits = [&] {
    const char* const first = at;
    for (; at != end && *at >= '0' && *at <= '9'; ++at) digits = 10 * digits + static_cast<std::uint64_t>(*at - '0');
    return static_cast<std::size_t>(at - first);
  };
  take_digits();
  const std::size_t decimals = at != end && *at == '.' ? (++at, take_digits()) : 0;
  const bool plain = (at == end || *at == ' ') && at - begin < std::ssize(powers);
  if (plain) return {double(digits) / powers[decimals], at};
  Number number;
  number.end = std::from_chars(begin, end, number.value).ptr;
  return number;
}

}  // namespace

std::vector<double> unpacked(std::string_view text) {
  std::vector<double> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const auto [number, next] = first_number(at, end);
    const bool separated = next == end || (*next == ' ' && next + 1 != end);
    if (!(number > 0) || !std::isfinite(number) || !separated) return {};
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
