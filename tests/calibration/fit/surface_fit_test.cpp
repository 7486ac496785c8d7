#include "calibration/fit/surface_fit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sim/core/random.hpp"

namespace plenum::calibration {
namespace {

const std::array<std::vector<double>, 3> nodes{{{1, 2, 4, 8, 16, 32}, {1, 4, 16, 64}, {1, 8, 64}}};

double truth(const Sizes& s) { return 3 + 0.5 * s[0] * s[1] * s[2]; }  // launch and work

Sizes anywhere(RandomStream& random) {
  return {std::exp2(5 * random.uniform()), std::exp2(6 * random.uniform()), std::exp2(6 * random.uniform())};
}

std::vector<Sample> samples(std::size_t count, double noise, double outliers) {
  RandomStream random(7, "surface_fit");
  std::vector<Sample> result;
  for (std::size_t i = 0; i < count; ++i) {
    const Sizes sizes = anywhere(random);
    const double factor = random.uniform() < outliers ? 3 : std::exp(random.normal(0, noise));
    result.push_back({sizes, truth(sizes) * factor});
  }
  return result;
}

double median_error(const Surface& surface) {
  const PreparedSurface prepared(surface);
  RandomStream random(8, "test");
  std::vector<double> errors;
  for (int i = 0; i < 500; ++i) {
    const Sizes sizes = anywhere(random);
    errors.push_back(std::abs(prepared.microseconds(sizes) / truth(sizes) - 1));
  }
  std::nth_element(errors.begin(), errors.begin() + 250, errors.end());
  return errors[250];
}

// With factors of 2, 4 and 8 between nodes, the bend from launch to work costs a few percent between them.
TEST(FitSurface, FindsTheFunctionBehindExactMeasurements) {
  EXPECT_LT(median_error(fit_surface(nodes, samples(3000, 0, 0))), 0.03);
}

TEST(FitSurface, IsNotPulledByOutliers) { EXPECT_LT(median_error(fit_surface(nodes, samples(3000, 0.05, 0.1))), 0.05); }

TEST(FitSurface, FillsNodesThatNothingWasMeasuredAt) {
  auto few = samples(3000, 0, 0);
  std::erase_if(few, [](const Sample& s) { return s.sizes[0] * s.sizes[1] * s.sizes[2] > 4000; });
  const PreparedSurface surface(fit_surface(nodes, few));
  EXPECT_NEAR(surface.microseconds({32, 64, 64}) / truth({32, 64, 64}), 1, 0.5);
}

TEST(FitSurface, TakesSizesBeyondTheLastNodeInProportion) {
  std::vector<Sample> beyond;
  for (const double x : {64.0, 128.0, 256.0})  // nodes end at 32
    for (const double y : nodes[1])
      for (const double z : nodes[2]) beyond.push_back({{x, y, z}, x * y * z});
  const PreparedSurface surface(fit_surface(nodes, beyond));
  EXPECT_NEAR(surface.microseconds({32, 16, 8}), 32 * 16 * 8, 0.02 * 32 * 16 * 8);
  EXPECT_NEAR(surface.microseconds({512, 16, 8}), 512 * 16 * 8, 0.02 * 512 * 16 * 8);
}

TEST(FitSurface, GrowsAlongEveryAxis) {
  const Surface surface = fit_surface(nodes, samples(400, 0.5, 0.1));
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = 0; j < 4; ++j)
      for (std::size_t k = 0; k < 3; ++k) {
        const double here = surface.microseconds[surface.index(i, j, k)];
        EXPECT_GE(here, surface.microseconds[surface.index(i - (i > 0), j, k)]);
        EXPECT_GE(here, surface.microseconds[surface.index(i, j - (j > 0), k)]);
        EXPECT_GE(here, surface.microseconds[surface.index(i, j, k - (k > 0))]);
      }
}

TEST(FitSurface, GivesTheSameBitsTwice) {
  const auto measured = samples(500, 0.1, 0.1);
  EXPECT_EQ(fit_surface(nodes, measured).microseconds, fit_surface(nodes, measured).microseconds);
}

TEST(FourDigits, RoundsToFourSignificantDigits) {
  EXPECT_DOUBLE_EQ(four_digits(1.23456), 1.235);
  EXPECT_DOUBLE_EQ(four_digits(123456.0), 123500.0);
  EXPECT_DOUBLE_EQ(four_digits(0.000123449), 0.0001234);
}

}  // namespace
}  // namespace plenum::calibration
