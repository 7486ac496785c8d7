#include "sim/core/fields_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <functional>

namespace plenum {
namespace {

std::string text_of(const Range& range, const std::function<std::string(double)>& number) {
  const bool low = std::isfinite(range.low), high = std::isfinite(range.high);
  if (low && high && !range.open_low) return fmt::format("between {} and {}", number(range.low), number(range.high));
  std::string text;
  if (low) text = fmt::format("{} {}", range.open_low ? "greater than" : "at least", number(range.low));
  if (high) text += fmt::format("{}at most {}", low ? " and " : "", number(range.high));
  return text;
}

}  // namespace

bool within(double value, const Range& range) {
  return (range.open_low ? value > range.low : value >= range.low) && value <= range.high;
}

std::string text_of(const Range& range) {
  return text_of(range, [](double bound) { return fmt::format("{}", bound); });
}

std::string text_of(const Range& range, const UnitFamily& family) {
  return text_of(range, [&](double bound) { return bound == 0 ? "0" : format(bound, family); });
}

std::string quoted_list(std::span<const std::string_view> names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += fmt::format("{}\"{}\"", i == 0 ? "" : i + 1 == names.size() ? " and " : ", ", names[i]);
  return text;
}

}  // namespace plenum
