#include "calibration/fit/cast_separation.hpp"

#include <gtest/gtest.h>

namespace plenum::calibration {
namespace {

constexpr auto bf16 = static_cast<std::size_t>(Precision::bf16), fp8 = static_cast<std::size_t>(Precision::fp8);
constexpr double launch = 2;

double work(const ProductShape& s) { return 1e-6 * double(s.m) * double(s.n) * double(s.k); }
double cast_time(const ProductShape& s) { return 4 + 1e-4 * double(s.m) * double(s.k); }

/// bf16 = launch + work, fp8 = launch + work / 2 + cast, for every n.
OpTables tables(const std::vector<std::int64_t>& columns) {
  OpTables result;
  for (const std::int64_t m : {128, 4096})
    for (const std::int64_t n : columns)
      for (const std::int64_t k : {512, 2048}) {
        const ProductShape shape{m, n, k};
        result.matrix_product[bf16][shape] = {{"A", launch + work(shape)}};
        result.matrix_product[fp8][shape] = {{"TRTLLM", launch + work(shape) / 2 + cast_time(shape)}};
      }
  return result;
}

TEST(CastSeparation, FindsWhatOnlyDependsOnRowsAndDepth) {
  auto separated = tables({32, 64, 96, 128, 160, 192, 224, 256, 4096});
  separate_casts(separated, launch);
  for (const auto& [shape, timings] : separated.matrix_product[fp8]) {
    ASSERT_EQ(timings.size(), 1U);
    EXPECT_NEAR(timings[0].cast, cast_time(shape), 1e-9 * cast_time(shape));
    EXPECT_NEAR(timings[0].microseconds, launch + work(shape) / 2, 1e-6 * work(shape));
  }
}

TEST(CastSeparation, OneStrayTimingDoesNotMoveTheCast) {
  auto stray = tables({32, 64, 96, 128, 160, 192, 224, 256, 4096});
  stray.matrix_product[fp8][{4096, 96, 512}][0].microseconds *= 3;
  separate_casts(stray, launch);
  const ProductShape wide{4096, 4096, 512};
  EXPECT_NEAR(stray.matrix_product[fp8][wide][0].cast, cast_time(wide), 1e-9 * cast_time(wide));
}

TEST(CastSeparation, DropsTimingsWhoseCastCanNotBeKnown) {
  auto wide_only = tables({1024, 4096});
  separate_casts(wide_only, launch);
  for (const auto& [shape, timings] : wide_only.matrix_product[fp8]) EXPECT_TRUE(timings.empty());
  for (const auto& [shape, timings] : wide_only.matrix_product[bf16]) EXPECT_EQ(timings.size(), 1U);
}

TEST(CastSeparation, NoKernelIsShorterThanALaunch) {
  auto short_ones = tables({32, 64, 96, 128});
  for (auto& [shape, timings] : short_ones.matrix_product[fp8]) timings[0].microseconds = 5;
  separate_casts(short_ones, launch);
  for (const auto& [shape, timings] : short_ones.matrix_product[fp8])
    for (const Timing& timing : timings) EXPECT_GE(timing.microseconds, launch);
}

}  // namespace
}  // namespace plenum::calibration
