// A device file from measurement files. The measurements here are made up from a known model (the H100's curves with
// noise), so that what a fit finds can be compared with what it should find. No measured file is like this.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "calibration/device.hpp"
#include "calibration/device_file.hpp"
#include "calibration/drift/measurement_file.hpp"
#include "calibration/fit/errors.hpp"
#include "calibration/fit/fit.hpp"
#include "calibration/kernel_curves.hpp"
#include "calibration/measurements.hpp"
#include "calibration/scratch.hpp"
#include "sim/core/files.hpp"
#include "sim/core/random.hpp"

namespace plenum::calibration {
namespace {

using ::testing::HasSubstr;

const Device& known_model() {
  static const Device device = [] {
    Issues issues;
    return std::move(*load_device("H100-SXM", {}, "", issues));
  }();
  return device;
}

/// As many shapes as the full set of the microbenchmarks has beside its regular ones, spread as it spreads them.
ProductShape spread_shape(int i) {
  const auto size = [i](double ratio, double from, double to) {
    const double at = i * ratio - std::floor(i * ratio);
    return std::max<std::int64_t>(1, std::int64_t(std::exp2(from + at * (to - from))) / 64) * 64;
  };
  const std::int64_t m = i % 3 == 0 ? std::int64_t{1} << i % 7 : size(0.8191725, 6, 14);
  return {m, size(0.6710436, 8, 15.5), size(0.5497005, 8, 15.5)};
}

double model_microseconds(const ProductShape& s) {
  return 1e6 * known_model().matrix_product(s.m, s.n, s.k, 1, Precision::bf16).time.value();
}

MeasuredKernel repeated(const std::string& kernel, const std::string& shape, double microseconds, RandomStream& random) {
  MeasuredKernel k{kernel, shape, {}};
  for (int i = 0; i < 9; ++i) k.microseconds.push_back(microseconds * (1 + 0.004 * random.normal(0, 1)));
  return k;
}

MeasurementFile made_up(int shapes) {
  RandomStream random(1, "measurements");
  MeasurementFile file{std::string(measurement_format), "NVIDIA Test-GPU", "2026-01-31", "a known model", true, {}, {}};
  for (int i = 1; i <= shapes; ++i) {
    const ProductShape s = spread_shape(i);
    file.kernels.push_back(
        repeated("matrix_product", fmt::format("bf16 m={} n={} k={}", s.m, s.n, s.k), model_microseconds(s), random));
  }
  file.kernels.push_back(repeated("copy", "bytes=1073741824", 2 * 1073741824.0 / 2.8e6, random));
  file.kernels.push_back(repeated("copy", "bytes=4096", 2.2, random));
  return file;
}

/// Folders of devices and measurements with one device of the H100's specification.
class MeasuredFit : public ::testing::Test {
 protected:
  void device(const std::string& inherits = R"("inherits": "H100-SXM", )") {
    Issues issues;
    std::string head = head_of(*read_whole(device_directory() / "H100-SXM.json", issues));
    const auto replace = [&head](const std::string& from, const std::string& to) {
      ASSERT_NE(head.find(from), head.npos) << from;
      head.replace(head.find(from), from.size(), to);
    };
    replace(R"("name": "H100-SXM")", R"("name": "Test-GPU")");
    replace(R"("measurements": "h100_sxm")", inherits + R"("measurements": "Test-GPU")");
    folder.write("devices/Test-GPU.json", head);
  }
  void measured(const MeasurementFile& file) { folder.write("measurements/Test-GPU/2026-01-31.json", text_of(file)); }
  std::optional<std::string> fit() {
    return fit_device(folder.path() / "devices/Test-GPU.json", folder.path() / "measurements", issues);
  }
  std::string complaints() const {
    std::string text;
    for (const Issue& issue : issues.all()) text += to_string(issue) + "\n";
    return text;
  }

  ScratchFolder folder;
  Issues issues;
};

TEST_F(MeasuredFit, RecoversTheModelBehindTheMeasurements) {
  device();
  measured(made_up(160));
  const auto text = fit();
  ASSERT_TRUE(text) << complaints();
  const auto file = read_device_text(*text, "Test-GPU", issues);
  ASSERT_TRUE(file) << complaints();
  EXPECT_NEAR(file->fitted->memory_fraction, 2.8e12 / 3.35e12, 0.005);
  EXPECT_NEAR(file->fitted->launch.value(), 2.2e-6, 0.02e-6);
  const PreparedSurface surface(file->fitted->matrix_products.front().surface);
  std::vector<double> seen, unseen;
  for (int i = 1; i <= 480; ++i) {
    const ProductShape s = spread_shape(i);
    const double error =
        surface.microseconds({effective_rows(double(s.m)), double(s.n), double(s.k)}) / model_microseconds(s) - 1;
    (i <= 160 ? seen : unseen).push_back(std::abs(error));
  }
  EXPECT_LT(quantile(seen, 0.5), 0.03);
  EXPECT_LT(quantile(unseen, 0.5), 0.08);
  // The file states what the shapes that were left out said, and that is what the unseen ones say.
  ASSERT_FALSE(file->fitted->accuracy.empty());
  EXPECT_NEAR(file->fitted->accuracy.front().median_abs_error, quantile(unseen, 0.5), 0.05);
}

TEST_F(MeasuredFit, TheSameMeasurementsGiveTheSameBytes) {
  device();
  measured(made_up(60));
  EXPECT_EQ(fit(), fit());
}

TEST_F(MeasuredFit, APartialRunIsRefused) {
  device();
  auto file = made_up(60);
  file.complete = false;
  measured(file);
  EXPECT_FALSE(fit());
  EXPECT_THAT(complaints(), HasSubstr("2026-01-31: was cut short"));
}

TEST_F(MeasuredFit, AnotherGpusFileIsRefused) {
  device();
  auto file = made_up(60);
  file.gpu = "NVIDIA L4";
  measured(file);
  EXPECT_FALSE(fit());
  EXPECT_THAT(complaints(), HasSubstr("\"NVIDIA L4\", which is no name or alias of Test-GPU"));
}

TEST_F(MeasuredFit, AFewShapesMakeNoSurface) {
  device();
  measured(made_up(10));
  EXPECT_FALSE(fit());
  EXPECT_THAT(complaints(), HasSubstr("10 bf16 matrix products were measured"));
}

TEST_F(MeasuredFit, AShapeWithoutItsSizesIsAnIssue) {
  device();
  auto file = made_up(60);
  file.kernels.front().shape = "bf16 m=128 n=128";
  measured(file);
  EXPECT_FALSE(fit());
  EXPECT_THAT(complaints(), HasSubstr("a size is missing"));
}

TEST_F(MeasuredFit, WithoutAttentionARelativeIsNeeded) {
  device("");
  measured(made_up(60));
  EXPECT_FALSE(fit());
  EXPECT_THAT(complaints(), HasSubstr("attention was not measured"));
}

}  // namespace
}  // namespace plenum::calibration
