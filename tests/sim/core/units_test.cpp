#include "sim/core/units.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

namespace plenum {
namespace {

template <class Q>
double si(std::string_view text) {
  const auto parsed = parse_quantity(text, unit_family<Q>());
  EXPECT_EQ(parsed.error, "") << text;
  return parsed.value;
}

template <class Q>
std::string error(std::string_view text) {
  return parse_quantity(text, unit_family<Q>()).error;
}

TEST(ParseQuantity, KnowsTheUnitsOfTheField) {
  EXPECT_DOUBLE_EQ(si<BytesPerSecond>("400 Gb/s"), 50e9);
  EXPECT_DOUBLE_EQ(si<BytesPerSecond>("400Gb/s"), 50e9);
  EXPECT_DOUBLE_EQ(si<BytesPerSecond>("400 Gbps"), 50e9);
  EXPECT_DOUBLE_EQ(si<BytesPerSecond>("450 GB/s"), 450e9);
  EXPECT_DOUBLE_EQ(si<BytesPerSecond>("3.35 TB / s"), 3.35e12);
  EXPECT_DOUBLE_EQ(si<Bytes>("80 GiB"), 80.0 * 1024 * 1024 * 1024);
  EXPECT_DOUBLE_EQ(si<Bytes>("141 GB"), 141e9);
  EXPECT_DOUBLE_EQ(si<Seconds>("3.5 us"), 3.5e-6);
  EXPECT_DOUBLE_EQ(si<Seconds>("3.5 \u00b5s"), 3.5e-6);
  EXPECT_DOUBLE_EQ(si<Seconds>("3.5 \u03bcs"), 3.5e-6);
  EXPECT_DOUBLE_EQ(si<Seconds>("2 min"), 120);
  EXPECT_DOUBLE_EQ(si<Seconds>("4 years"), 4 * 365.25 * 86400);
  EXPECT_DOUBLE_EQ(si<Watts>("8.4 kW"), 8400);
  EXPECT_DOUBLE_EQ(si<Joules>("1.5 kWh"), 5.4e6);
  EXPECT_DOUBLE_EQ(si<Flops>("3.8e25 FLOP"), 3.8e25);
  EXPECT_DOUBLE_EQ(si<FlopsPerSecond>("989 TFLOP/s"), 989e12);
  EXPECT_DOUBLE_EQ(si<FlopsPerSecond>("989 TFLOPS"), 989e12);
}

TEST(ParseQuantity, KnowsMoney) {
  EXPECT_DOUBLE_EQ(si<Dollars>("$43000"), 43000);
  EXPECT_DOUBLE_EQ(si<Dollars>("$1.2 M"), 1.2e6);
  EXPECT_DOUBLE_EQ(si<Dollars>("43 k$"), 43000);
  EXPECT_DOUBLE_EQ(si<Dollars>("12 USD"), 12);
  EXPECT_DOUBLE_EQ(si<DollarsPerSecond>("$2.50 / h"), 2.5 / 3600);
  EXPECT_DOUBLE_EQ(si<DollarsPerSecond>("36999 $ / month"), 36999.0 / (730 * 3600));
  EXPECT_DOUBLE_EQ(si<DollarsPerJoule>("0.08 $ / kWh"), 0.08 / 3.6e6);
  EXPECT_DOUBLE_EQ(si<DollarsPerJoule>("$0.08/kWh"), 0.08 / 3.6e6);
}

TEST(ParseQuantity, CountsWholeBytes) {
  EXPECT_EQ(si<Bytes>("1 b"), 0);
  EXPECT_EQ(si<Bytes>("0.3 KiB"), 307);
  EXPECT_EQ(error<Bytes>("9300 PB"), "\"9300 PB\" is too large for a size");
  EXPECT_EQ(error<Bytes>("-1e30 GB"), "\"-1e30 GB\" is too large for a size");
}

TEST(ParseQuantity, SaysWhatIsWrong) {
  EXPECT_EQ(error<BytesPerSecond>("400"), "\"400\" has no unit; write it like \"400 Gb/s\"");
  EXPECT_EQ(error<BytesPerSecond>("fast"), "\"fast\" does not start with a number; write it like \"400 Gb/s\"");
  EXPECT_EQ(error<BytesPerSecond>(""), "\"\" does not start with a number; write it like \"400 Gb/s\"");
  EXPECT_EQ(error<BytesPerSecond>("400 Gb"), "\"400 Gb\" is a size, not a bandwidth; write it like \"400 Gb/s\"");
  EXPECT_EQ(error<BytesPerSecond>("400 W"), "\"400 W\" is a power, not a bandwidth; write it like \"400 Gb/s\"");
  EXPECT_EQ(error<BytesPerSecond>("400 gb/s"),
            "unknown unit \"gb/s\" for a bandwidth; write it like \"400 Gb/s\" (b is a bit, B a byte)");
  EXPECT_EQ(error<Seconds>("3 lightyears"), "unknown unit \"lightyears\" for a duration; write it like \"3.5 us\"");
  EXPECT_EQ(error<Seconds>("nan s"), "\"nan s\" is not finite; write it like \"3.5 us\"");
  EXPECT_EQ(error<Seconds>("inf s"), "\"inf s\" is not finite; write it like \"3.5 us\"");
  EXPECT_EQ(error<Seconds>("1e999 s"), "the number in \"1e999 s\" is too large or too small for a computer");
  EXPECT_EQ(error<BytesPerSecond>("1e308 GB/s"), "\"1e308 GB/s\" is too large for a bandwidth");
  EXPECT_EQ(error<Bytes>("1 mB"), "unknown unit \"mB\" for a size; write it like \"80 GiB\" (b is a bit, B a byte)");
  EXPECT_EQ(error<Seconds>("0,5 s"),
            "the number in \"0,5 s\" has a separator; decimals follow a point, thousands stand together");
  EXPECT_EQ(error<Seconds>("1 B/s/s"), "unknown unit \"B/s/s\" for a duration; write it like \"3.5 us\"");
}

TEST(ParseQuantity, NeverCrashesOnAnyText) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    const auto parsed = parse_quantity(text, unit_family<BytesPerSecond>());
    RC_ASSERT(std::isfinite(parsed.value));
  }));
}

TEST(QuantityText, ReadsBackExactly) {
  EXPECT_TRUE(rc::check([](double value) {
    RC_PRE(std::isfinite(value));
    const auto parsed = parse_quantity(quantity_text(value, unit_family<Watts>()), unit_family<Watts>());
    RC_ASSERT(parsed.error.empty());
    RC_ASSERT(parsed.value == value);
  }));
}

TEST(Format, PutsThreeDigitsAndTheRightPrefix) {
  EXPECT_EQ(format(Seconds(7.0249)), "7.02 s");
  EXPECT_EQ(format(Seconds(312e-6)), "312 us");
  EXPECT_EQ(format(Seconds(0.9999)), "1 s");
  EXPECT_EQ(format(Seconds(0)), "0 s");
  EXPECT_EQ(format(Seconds(600)), "10 min");
  EXPECT_EQ(format(Seconds(54.0 * 86400)), "54 days");
  EXPECT_EQ(format(Seconds(4 * 365.25 * 86400)), "4 years");
  EXPECT_EQ(format(Bytes(3LL << 29)), "1.5 GiB");
  EXPECT_EQ(format(Bytes(1023)), "1023 B");
  EXPECT_EQ(format(Bytes(1023LL << 20)), "1023 MiB");
  EXPECT_EQ(format(Bytes((1LL << 30) - 1)), "1 GiB");
  EXPECT_EQ(format(BytesPerSecond(50e9)), "50 GB/s");
  EXPECT_EQ(format(BytesPerSecond(999.9e6)), "1 GB/s");
  EXPECT_EQ(format(Flops(3.8e25)), "38 YFLOP");
  EXPECT_EQ(format(FlopsPerSecond(430.4e12)), "430 TFLOP/s");
  EXPECT_EQ(format(Watts(8400)), "8.4 kW");
  EXPECT_EQ(format(Joules(3.6e6)), "3.6 MJ");
}

TEST(Format, WritesMoneyAsPricesAre) {
  EXPECT_EQ(format(Dollars(0)), "$0");
  EXPECT_EQ(format(Dollars(2.5)), "$2.50");
  EXPECT_EQ(format(Dollars(0.0123)), "$0.0123");
  EXPECT_EQ(format(Dollars(999.99)), "$999.99");
  EXPECT_EQ(format(Dollars(1.2e6)), "$1.2 M");
  EXPECT_EQ(format(Dollars(-43000)), "-$43 k");
}

TEST(WithThousands, GroupsDigits) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(16384), "16,384");
  EXPECT_EQ(with_thousands(-1234567), "-1,234,567");
  EXPECT_EQ(with_thousands(-123), "-123");
}

}  // namespace
}  // namespace plenum
