// Units in text: "400 Gb/s", "80 GiB", "700 W", "3.5 us", "$2.50 / h". Decimal prefixes are powers of 1000 (k M G T P),
// binary ones powers of 1024 (Ki Mi Gi Ti); b is a bit, B a byte. A unit is PREFIX BASE [/ PREFIX BASE].
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "sim/core/quantity.hpp"

namespace plenum {

/// Exponents of time, data, work, energy and money, as in Dimension.
using Exponents = std::array<int, 5>;

/// What kind of quantity a text must hold. `example` is shown when a bare number or a foreign unit was written.
struct UnitFamily {
  std::string_view name;     ///< "a bandwidth"
  std::string_view example;  ///< "400 Gb/s"
  std::string_view si_unit;  ///< "B/s"
  Exponents exponents{};
  bool whole = false;  ///< counted in 64-bit integers; fractions are rounded
};

template <class Q>
const UnitFamily& unit_family();
template <>
const UnitFamily& unit_family<Seconds>();
template <>
const UnitFamily& unit_family<Bytes>();
template <>
const UnitFamily& unit_family<BytesPerSecond>();
template <>
const UnitFamily& unit_family<Flops>();
template <>
const UnitFamily& unit_family<FlopsPerSecond>();
template <>
const UnitFamily& unit_family<Joules>();
template <>
const UnitFamily& unit_family<Watts>();
template <>
const UnitFamily& unit_family<Dollars>();
template <>
const UnitFamily& unit_family<DollarsPerSecond>();  ///< "$2.50 / h", "36999 $ / month" (730 h)
template <>
const UnitFamily& unit_family<DollarsPerJoule>();  ///< "0.08 $ / kWh"

/// The SI value of `text`, or a message that says what is wrong and shows a right example ("\"400\" has no unit; ...").
struct ParsedQuantity {
  double value = 0;
  std::string error;  ///< empty when `value` holds
};
ParsedQuantity parse_quantity(std::string_view text, const UnitFamily& family);

/// Exact text of an SI value, as parse_quantity reads it back: "50000000000 B/s".
std::string quantity_text(double value, const UnitFamily& family);

/// Three significant digits with the prefix people use: "7.02 s", "312 us", "50 GB/s", "1.5 GiB", "$1.2 M".
std::string format(Seconds);
std::string format(Bytes);
std::string format(BytesPerSecond);
std::string format(Flops);
std::string format(FlopsPerSecond);
std::string format(Joules);
std::string format(Watts);
std::string format(Dollars);
std::string format(double value, const UnitFamily& family);

/// "16,384"
std::string with_thousands(std::int64_t value);

}  // namespace plenum
