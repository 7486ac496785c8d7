#include "calibration/drift/drift.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "calibration/scratch.hpp"
#include "sim/core/random.hpp"

namespace plenum::calibration {
namespace {

using ::testing::HasSubstr;

constexpr double limit = 0.03;
constexpr int kernels = 120, repetitions = 20;

/// Kernels between 5 us and 5 ms; event timings scatter by 0.4 %, with a slow outlier in twenty.
MeasurementFile measured(std::uint64_t seed, double slowdown_of_first = 1) {
  RandomStream random(seed, "drift");
  MeasurementFile file{std::string(measurement_format), "H200-SXM", "2026-01-01", "simulated", true, {}, {}};
  for (int k = 0; k < kernels; ++k) {
    MeasuredKernel kernel{"matrix_product", "m=" + std::to_string(k), {}};
    const double time = 5 * std::pow(1000.0, k / double(kernels)) * (k == 0 ? slowdown_of_first : 1);
    for (int r = 0; r < repetitions; ++r)
      kernel.microseconds.push_back(time *
                                    (1 + std::abs(random.normal(0, 0.004)) + (random.below(20) == 0 ? 0.02 : 0)));
    file.kernels.push_back(kernel);
  }
  return file;
}

TEST(Drift, FlagsAKernelSlowedByThreePercent) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Issues issues;
    const auto drifts = drift_between(measured(2 * seed), measured(2 * seed + 1, 1.03), limit, issues);
    EXPECT_FALSE(issues.has_errors());
    ASSERT_EQ(drifts.size(), std::size_t(kernels));
    EXPECT_TRUE(drifts[0].moved) << drifts[0].chance;
    EXPECT_NEAR(drifts[0].change, 0.03, 0.01);
    EXPECT_FALSE(std::any_of(drifts.begin() + 1, drifts.end(), [](auto& d) { return d.moved; }));
  }
}

TEST(Drift, PassesOnNoiseInNinetyNineOfAHundred) {
  int alarms = 0;
  Issues issues;
  for (std::uint64_t seed = 100; seed < 200; ++seed)
    alarms += any_moved(drift_between(measured(seed), measured(1000 + seed), limit, issues)) ? 1 : 0;
  EXPECT_LE(alarms, 1);
}

TEST(Drift, OfAFasterKernelIsDriftToo) {
  Issues issues;
  EXPECT_TRUE(drift_between(measured(1), measured(2, 0.95), limit, issues)[0].moved);
}

/// On a real card a kernel is 5 % faster in one run and 2 % slower in the next, with hardly any scatter within a run.
TEST(Drift, AKernelThatDiffersFromRunToRunMovedWhenItLeftTheRunsBehind) {
  const std::vector<MeasurementFile> runs{measured(1), measured(2, 0.95), measured(3, 1.02)};
  Issues issues;
  EXPECT_FALSE(any_moved(drift_between(runs, measured(4, 0.98), limit, issues)));
  const auto slower = drift_between(runs, measured(5, 1.06), limit, issues);
  EXPECT_TRUE(slower[0].moved);
  EXPECT_NEAR(slower[0].change, 1.06 / 1.02 - 1, 0.01);
  EXPECT_FALSE(std::any_of(slower.begin() + 1, slower.end(), [](auto& d) { return d.moved; }));
}

TEST(Drift, RefusesWhatCannotBeCompared) {
  MeasurementFile few = measured(1), other = measured(2), cut = measured(3), missing = measured(4);
  few.kernels[0].microseconds.resize(8);
  other.gpu = "H100-SXM";
  cut.complete = false;
  missing.kernels.pop_back();
  const auto says = [](const MeasurementFile& file) {
    Issues issues;
    drift_between(measured(0), file, limit, issues);
    return issues.all().empty() ? std::string() : to_string(issues.all().front());
  };
  EXPECT_THAT(says(few), HasSubstr("8 repetitions; the rank test needs at least 9"));
  EXPECT_THAT(says(other), HasSubstr("different GPUs: \"H200-SXM\" and \"H100-SXM\""));
  EXPECT_THAT(says(cut), HasSubstr("was cut short"));
  EXPECT_THAT(says(missing), HasSubstr("in the baseline alone"));
}

TEST(Drift, ReportsForPeopleAndPrograms) {
  const std::vector<Drift> drifts{{"copy <1 MiB>", 0.01, 0.4, false}, {"norm", 0.06, 1e-6, true}};
  EXPECT_EQ(to_text(drifts, limit), "moved    +6.00 %  norm\n1 of 2 kernels moved by 3 %\n");
  EXPECT_THAT(to_junit(drifts, limit), HasSubstr("tests=\"2\" failures=\"1\""));
  EXPECT_THAT(to_junit(drifts, limit), HasSubstr("name=\"copy &lt;1 MiB>\"/>"));
  EXPECT_THAT(to_junit(drifts, limit), HasSubstr("<failure message=\"moved by +6.00 %, limit 3 %\"/>"));
  EXPECT_EQ(to_json(drifts, limit)["kernels"][1]["moved"], true);
}

TEST(Drift, OfAFitIsTheLargestAtANode) {
  Issues issues;
  const auto device = read_device_file(device_directory() / "A100-80GB-SXM.json", issues);
  ASSERT_TRUE(device);
  Fitted changed = *device->fitted;
  EXPECT_FALSE(any_moved(drift_between(*device->fitted, changed, 0)));
  changed.matrix_products[0].surface.microseconds[7] *= 1.05;
  EXPECT_TRUE(any_moved(drift_between(*device->fitted, changed, limit)));
  EXPECT_FALSE(any_moved(drift_between(*device->fitted, changed, 0.06)));
  changed = *device->fitted;
  changed.kernels.pop_back();
  EXPECT_TRUE(any_moved(drift_between(*device->fitted, changed, 10)));
}

class MeasurementFiles : public ::testing::Test {
 protected:
  std::string issues_of(const std::string& text) {
    Issues issues;
    EXPECT_FALSE(read_measurement_file(folder.write("m.json", text), issues));
    std::string all;
    for (const Issue& issue : issues.all()) all += to_string(issue) + "\n";
    return all;
  }
  ScratchFolder folder;
};

TEST_F(MeasurementFiles, ComeBackAsTheyWere) {
  const MeasurementFile file = measured(5);
  Issues issues;
  const auto read = read_measurement_file(folder.write("m.json", text_of(file)), issues);
  ASSERT_TRUE(read);
  EXPECT_EQ(text_of(*read), text_of(file));
}

TEST_F(MeasurementFiles, TruncatedForeignAndTwofoldOnesAreIssues) {
  const std::string text = text_of(measured(6));
  EXPECT_THAT(issues_of(text.substr(0, text.size() / 2)), HasSubstr("m.json:"));
  EXPECT_THAT(issues_of("{\"gpu\": \"H200\"}"), HasSubstr("format"));
  MeasurementFile file = measured(7);
  file.format = "vidur";
  EXPECT_THAT(issues_of(text_of(file)), HasSubstr("plenum calibrate import"));
  file = measured(8);
  file.kernels[1].shape = file.kernels[0].shape;
  EXPECT_THAT(issues_of(text_of(file)), HasSubstr("/kernels/1: the same kernel and shape as /kernels/0"));
}

}  // namespace
}  // namespace plenum::calibration
