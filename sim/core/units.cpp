#include "sim/core/units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace plenum {
namespace {

constexpr UnitFamily duration{"a duration", "3.5 us", "s", {1, 0, 0, 0, 0}};
constexpr UnitFamily size{"a size", "80 GiB", "B", {0, 1, 0, 0, 0}, true};
constexpr UnitFamily bandwidth{"a bandwidth", "400 Gb/s", "B/s", {-1, 1, 0, 0, 0}};
constexpr UnitFamily work{"an amount of work", "3.8e25 FLOP", "FLOP", {0, 0, 1, 0, 0}};
constexpr UnitFamily work_rate{"a compute rate", "989 TFLOP/s", "FLOP/s", {-1, 0, 1, 0, 0}};
constexpr UnitFamily energy{"an energy", "1.5 kWh", "J", {0, 0, 0, 1, 0}};
constexpr UnitFamily power{"a power", "700 W", "W", {-1, 0, 0, 1, 0}};
constexpr UnitFamily money{"an amount of money", "$43000", "$", {0, 0, 0, 0, 1}};
constexpr UnitFamily money_rate{"a price per time", "$2.50 / h", "$/s", {-1, 0, 0, 0, 1}};
constexpr UnitFamily energy_price{"a price of energy", "0.08 $ / kWh", "$/J", {0, 0, 0, -1, 1}};
constexpr std::array families{duration, size,  bandwidth, work,       work_rate,
                              energy,   power, money,     money_rate, energy_price};

enum class Prefixes { none, decimal, small_and_decimal, decimal_and_binary };

struct Base {
  std::string_view name;
  double scale;
  Exponents exponents;
  Prefixes prefixes;
};
constexpr double hour = 3600, day = 24 * hour;
constexpr std::array bases{
    Base{"s", 1, duration.exponents, Prefixes::small_and_decimal},
    Base{"min", 60, duration.exponents, Prefixes::none},
    Base{"h", hour, duration.exponents, Prefixes::none},
    Base{"hour", hour, duration.exponents, Prefixes::none},
    Base{"hours", hour, duration.exponents, Prefixes::none},
    Base{"day", day, duration.exponents, Prefixes::none},
    Base{"days", day, duration.exponents, Prefixes::none},
    Base{"week", 7 * day, duration.exponents, Prefixes::none},
    Base{"weeks", 7 * day, duration.exponents, Prefixes::none},
    Base{"month", 730 * hour, duration.exponents, Prefixes::none},  // as cloud price lists count it
    Base{"months", 730 * hour, duration.exponents, Prefixes::none},
    Base{"year", 365.25 * day, duration.exponents, Prefixes::none},
    Base{"years", 365.25 * day, duration.exponents, Prefixes::none},
    Base{"B", 1, size.exponents, Prefixes::decimal_and_binary},
    Base{"b", 0.125, size.exponents, Prefixes::decimal_and_binary},
    Base{"bit", 0.125, size.exponents, Prefixes::decimal_and_binary},
    Base{"bps", 0.125, bandwidth.exponents, Prefixes::decimal},
    Base{"FLOP", 1, work.exponents, Prefixes::decimal},
    Base{"FLOPS", 1, work_rate.exponents, Prefixes::decimal},
    Base{"J", 1, energy.exponents, Prefixes::small_and_decimal},
    Base{"Wh", hour, energy.exponents, Prefixes::decimal},
    Base{"W", 1, power.exponents, Prefixes::small_and_decimal},
    Base{"$", 1, money.exponents, Prefixes::decimal},
    Base{"USD", 1, money.exponents, Prefixes::decimal},
};

struct Prefix {
  std::string_view name;
  double scale;
  Prefixes needs;  ///< the least that a base must allow
};
constexpr std::array prefixes{
    Prefix{"Ki", 0x1p10, Prefixes::decimal_and_binary},
    Prefix{"Mi", 0x1p20, Prefixes::decimal_and_binary},
    Prefix{"Gi", 0x1p30, Prefixes::decimal_and_binary},
    Prefix{"Ti", 0x1p40, Prefixes::decimal_and_binary},
    Prefix{"Pi", 0x1p50, Prefixes::decimal_and_binary},
    Prefix{"p", 1e-12, Prefixes::small_and_decimal},
    Prefix{"n", 1e-9, Prefixes::small_and_decimal},
    Prefix{"u", 1e-6, Prefixes::small_and_decimal},
    Prefix{"\u00b5", 1e-6, Prefixes::small_and_decimal},
    Prefix{"\u03bc", 1e-6, Prefixes::small_and_decimal},
    Prefix{"m", 1e-3, Prefixes::small_and_decimal},
    Prefix{"k", 1e3, Prefixes::decimal},
    Prefix{"M", 1e6, Prefixes::decimal},
    Prefix{"G", 1e9, Prefixes::decimal},
    Prefix{"T", 1e12, Prefixes::decimal},
    Prefix{"P", 1e15, Prefixes::decimal},
    Prefix{"E", 1e18, Prefixes::decimal},
    Prefix{"Z", 1e21, Prefixes::decimal},
    Prefix{"Y", 1e24, Prefixes::decimal},
};

bool allows(const Base& base, const Prefix& prefix) {
  if (base.prefixes == Prefixes::none) return false;
  return prefix.needs == Prefixes::decimal || prefix.needs == base.prefixes;
}

struct Unit {
  double scale = 1;
  Exponents exponents{};
};

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<Unit> parse_factor(std::string_view text) {
  for (const auto& base : bases)
    if (text == base.name) return Unit{base.scale, base.exponents};
  for (const auto& base : bases) {
    if (!text.ends_with(base.name)) continue;
    const auto written = text.substr(0, text.size() - base.name.size());
    for (const auto& prefix : prefixes)
      if (written == prefix.name && allows(base, prefix)) return Unit{prefix.scale * base.scale, base.exponents};
  }
  return std::nullopt;
}

std::optional<Unit> parse_unit(std::string_view text) {
  const auto slash = text.find('/');
  const auto numerator = parse_factor(trim(text.substr(0, slash)));
  if (!numerator || slash == std::string_view::npos) return numerator;
  const auto denominator = parse_factor(trim(text.substr(slash + 1)));
  if (!denominator) return std::nullopt;
  Unit unit{numerator->scale / denominator->scale, numerator->exponents};
  for (std::size_t i = 0; i < unit.exponents.size(); ++i) unit.exponents[i] -= denominator->exponents[i];
  return unit;
}

/// "$1.2 M / year" as "1.2 M$/ year".
std::string dollars_behind(std::string_view text) {
  if (!text.starts_with('$')) return std::string(text);
  text = trim(text.substr(1));
  const auto slash = std::min(text.find('/'), text.size());
  return fmt::format("{}${}", trim(text.substr(0, slash)), text.substr(slash));
}

std::string_view family_of(const Exponents& exponents) {
  for (const auto& family : families)
    if (family.exponents == exponents) return family.name;
  return "something else";
}

std::string hint(const UnitFamily& family) { return fmt::format("write it like \"{}\"", family.example); }

std::string unknown_unit(std::string_view unit, const UnitFamily& family) {
  const bool data = family.exponents[1] != 0;
  return fmt::format("unknown unit \"{}\" for {}; {}{}", unit, family.name, hint(family),
                     data ? " (b is a bit, B a byte)" : "");
}

/// The value in SI units, when the family can hold it.
ParsedQuantity held(double value, std::string_view text, const UnitFamily& family) {
  constexpr double first_beyond_64_bits = 0x1p63;
  if (family.whole) value = std::round(value);
  if (!std::isfinite(value) || (family.whole && std::abs(value) >= first_beyond_64_bits))
    return {0, fmt::format("\"{}\" is too large for {}", text, family.name)};
  return {value, ""};
}

}  // namespace

template <>
const UnitFamily& unit_family<Seconds>() {
  return duration;
}
template <>
const UnitFamily& unit_family<Bytes>() {
  return size;
}
template <>
const UnitFamily& unit_family<BytesPerSecond>() {
  return bandwidth;
}
template <>
const UnitFamily& unit_family<Flops>() {
  return work;
}
template <>
const UnitFamily& unit_family<FlopsPerSecond>() {
  return work_rate;
}
template <>
const UnitFamily& unit_family<Joules>() {
  return energy;
}
template <>
const UnitFamily& unit_family<Watts>() {
  return power;
}
template <>
const UnitFamily& unit_family<Dollars>() {
  return money;
}
template <>
const UnitFamily& unit_family<DollarsPerSecond>() {
  return money_rate;
}
template <>
const UnitFamily& unit_family<DollarsPerJoule>() {
  return energy_price;
}

ParsedQuantity parse_quantity(std::string_view text, const UnitFamily& family) {
  const std::string rewritten = dollars_behind(trim(text));
  const char* const end = rewritten.data() + rewritten.size();
  double number = 0;
  const auto [stop, error] = std::from_chars(rewritten.data(), end, number);
  if (error == std::errc::invalid_argument)
    return {0, fmt::format("\"{}\" does not start with a number; {}", text, hint(family))};
  if (error == std::errc::result_out_of_range)
    return {0, fmt::format("the number in \"{}\" is too large or too small for a computer", text)};
  if (!std::isfinite(number)) return {0, fmt::format("\"{}\" is not finite; {}", text, hint(family))};

  const auto written_unit = trim({stop, static_cast<std::size_t>(end - stop)});
  if (written_unit.empty()) return {0, fmt::format("\"{}\" has no unit; {}", text, hint(family))};
  const bool number_goes_on = std::string_view(",_'0123456789").find(written_unit.front()) != std::string_view::npos;
  if (number_goes_on)
    return {0, fmt::format("the number in \"{}\" has a separator; decimals follow a point, thousands stand together",
                           text)};
  const auto unit = parse_unit(written_unit);
  if (!unit) return {0, unknown_unit(written_unit, family)};
  if (unit->exponents != family.exponents)
    return {0, fmt::format("\"{}\" is {}, not {}; {}", text, family_of(unit->exponents), family.name, hint(family))};
  return held(number * unit->scale, text, family);
}

}  // namespace plenum
