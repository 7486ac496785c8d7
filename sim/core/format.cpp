// Quantities for people: three significant digits with the prefix that keeps the number between 1 and 1000.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "sim/core/units.hpp"

namespace plenum {
namespace {

struct Scale {
  double unit;
  std::string_view name;
};
constexpr std::array decimal{Scale{1, ""},     Scale{1e3, "k"},  Scale{1e6, "M"},  Scale{1e9, "G"}, Scale{1e12, "T"},
                             Scale{1e15, "P"}, Scale{1e18, "E"}, Scale{1e21, "Z"}, Scale{1e24, "Y"}};
constexpr std::array binary{Scale{1, ""},        Scale{0x1p10, "Ki"}, Scale{0x1p20, "Mi"},
                            Scale{0x1p30, "Gi"}, Scale{0x1p40, "Ti"}, Scale{0x1p50, "Pi"}};
constexpr std::array time{Scale{1e-12, "ps"}, Scale{1e-9, "ns"}, Scale{1e-6, "us"}, Scale{1e-3, "ms"}, Scale{1, "s"}};
constexpr std::array long_time{Scale{1, "s"}, Scale{60, "min"}, Scale{3600, "h"}, Scale{86400, "days"},
                               Scale{365.25 * 86400, "years"}};
constexpr std::array thousands{Scale{1e3, "k"}, Scale{1e6, "M"}, Scale{1e9, "B"}, Scale{1e12, "T"}};

/// "7.02", "312", "1023"; as it would be printed, so that 999.9 k can become 1 M.
std::string three_digits(double value) {
  return std::abs(value) >= 999.5 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

/// The largest scale that the value reaches; a value that rounds up to the next scale belongs there.
const Scale& scale_of(double value, std::span<const Scale> scales) {
  constexpr double rounds_up = 0.9995;
  const Scale* chosen = &scales.front();
  for (const auto& scale : scales)
    if (std::abs(value) >= scale.unit * rounds_up) chosen = &scale;
  return *chosen;
}

std::string scaled(double value, std::span<const Scale> scales, std::string_view unit) {
  const Scale& scale = scale_of(value, scales);
  return fmt::format("{} {}{}", three_digits(value / scale.unit), scale.name, unit);
}

std::string shortest(double value) {
  std::array<char, 32> text;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), result.ptr};
}

}  // namespace

std::string format(Seconds t) {
  const double seconds = t.value();
  if (seconds == 0) return "0 s";
  if (std::abs(seconds) < 99.95) return scaled(seconds, time, "");
  constexpr double a_unit_later = 1.5;  // 89 min, then 1.5 h
  const Scale& scale = scale_of(seconds / a_unit_later, long_time);
  return fmt::format("{} {}", three_digits(seconds / scale.unit), scale.name);
}

std::string format(Bytes bytes) { return scaled(static_cast<double>(bytes.value()), binary, "B"); }
std::string format(BytesPerSecond rate) { return scaled(rate.value(), decimal, "B/s"); }
std::string format(Flops work) { return scaled(work.value(), decimal, "FLOP"); }
std::string format(FlopsPerSecond rate) { return scaled(rate.value(), decimal, "FLOP/s"); }
std::string format(Joules energy) { return scaled(energy.value(), decimal, "J"); }
std::string format(Watts power) { return scaled(power.value(), decimal, "W"); }

std::string format(Dollars money) {
  const double dollars = std::abs(money.value());
  const char* sign = money.value() < 0 ? "-" : "";
  if (dollars == 0 || dollars >= 999.995) {
    const Scale& scale = scale_of(dollars, thousands);
    return dollars == 0 ? "$0" : fmt::format("{}${} {}", sign, three_digits(dollars / scale.unit), scale.name);
  }
  return dollars >= 1 ? fmt::format("{}${:.2f}", sign, dollars) : fmt::format("{}${:.3g}", sign, dollars);
}

std::string quantity_text(double si_value, const UnitFamily& family) {
  return fmt::format("{} {}", shortest(si_value), family.si_unit);
}

std::string format(double si_value, const UnitFamily& family) {
  if (&family == &unit_family<Seconds>()) return format(Seconds(si_value));
  if (&family == &unit_family<Bytes>() && std::abs(si_value) < 0x1p63)
    return format(Bytes(static_cast<std::int64_t>(si_value)));
  if (&family == &unit_family<Dollars>()) return format(Dollars(si_value));
  if (&family == &unit_family<DollarsPerSecond>()) return format(Dollars(si_value * 3600)) + " / h";
  if (&family == &unit_family<DollarsPerJoule>()) return fmt::format("{:.3g} $ / kWh", si_value * 3.6e6);
  return scaled(si_value, decimal, family.si_unit);
}

std::string with_thousands(std::int64_t value) {
  std::string digits = fmt::format("{}", value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t place = digits.size(); place > first + 3; place -= 3) digits.insert(place - 3, 1, ',');
  return digits;
}

}  // namespace plenum
