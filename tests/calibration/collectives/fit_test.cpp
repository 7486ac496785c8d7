#include "calibration/collectives/fit.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "calibration/fit/nelder_mead.hpp"

namespace plenum::calibration {
namespace {

TEST(Minimize, FindsTheMinimumOfRosenbrocksValley) {
  const Objective valley = [](const std::vector<double>& x) {
    return 100 * std::pow(x[1] - x[0] * x[0], 2) + std::pow(1 - x[0], 2);
  };
  const auto found = minimize(valley, {-1.2, 1}, 0.5);
  EXPECT_NEAR(found[0], 1, 1e-3);
  EXPECT_NEAR(found[1], 1, 1e-3);
}

// Times made by known curves come back: within 1 % in the mean, as the pull on overlaps allows; several curves may give
// nearly the same times.
TEST(FitCurves, FindsTheCurvesThatMadeTheTimes) {
  const Curves truth{.links = {{.link = "hopper",
                                .protocol = CollectiveProtocol::ll,
                                .base = Seconds(5e-6),
                                .step = Seconds(1e-6),
                                .efficiency = 0.3,
                                .copy = BytesPerSecond(1e12)},
                               {.link = "hopper",
                                .base = Seconds(9e-6),
                                .step = Seconds(4e-6),
                                .efficiency = 0.8,
                                .overlap = 2,
                                .copy = BytesPerSecond(1e12)}},
                     .networks = {},
                     .launches = {}};
  std::vector<CollectiveSample> samples;
  for (const std::int64_t ranks : {2, 4, 8})
    for (std::int64_t bytes = 1024; bytes <= std::int64_t{1} << 30; bytes *= 2) {
      CollectiveSample sample{
          .situation = {.ranks = ranks}, .kind = CollectiveKind::all_gather, .algorithm = {}, .bytes = Bytes(bytes)};
      const auto method = choose(sample.situation, sample.kind, sample.bytes, truth);
      sample.measured = alone(sample.situation, sample.kind, method, sample.bytes, truth);
      samples.push_back(sample);
    }
  const auto fitted = fit_curves(samples);
  double sum = 0;
  for (const auto& sample : samples) sum += std::abs(error_of(sample, fitted));
  EXPECT_LT(sum / static_cast<double>(samples.size()), 0.01);
}

}  // namespace
}  // namespace plenum::calibration
