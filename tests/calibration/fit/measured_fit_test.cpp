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

MeasuredKernel repeated(const std::string& kernel, const std::string& shape, double microseconds,
                        RandomStream& random) {
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

/// Decoding at 3 TB/s, three kernels of PyTorch's, and what the card drew.
MeasurementFile with_pytorch() {
  MeasurementFile file = made_up(60);
  for (const int batch : {1, 4, 16, 64, 256})
    for (const int cached : {512, 1024, 2048, 4096, 8192, 16384, 32768})
      file.kernels.push_back({"decode_attention",
                              fmt::format("bf16 batch={} heads=32 kv_heads=8 cached={} head_dim=128", batch, cached),
                              {3 + 4.0 * batch * 8 * cached * 128 / 3e6}});
  for (const auto& [kernel, shape, rate] : {std::tuple("optimizer", "fused", 2.0),
                                            std::tuple("rotary", "compiled", 0.5), std::tuple("rotary", "eager", 1.0)})
    file.kernels.push_back({kernel, fmt::format("{} bytes=1000000000", shape), {1000 / rate}});
  file.facts = {{"idle", "1980 MHz, memory 3201 MHz, 47 C, 100 W, throttle reasons 0"},
                {"reading and writing after 2 s", "1000 MHz, memory 3201 MHz, 59 C, 400 W, throttle reasons 0"},
                {"reading and writing after 4 s", "2000 MHz, memory 3201 MHz, 59 C, 580 W, throttle reasons 0"},
                {"matrix load after 2 s", "1500 MHz, memory 3201 MHz, 70 C, 700 W, throttle reasons 4"}};
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
  std::optional<DeviceFile> fitted_device() {
    const auto text = fit();
    return text ? read_device_text(*text, "Test-GPU", issues) : std::nullopt;
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
  const auto file = fitted_device();
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
  EXPECT_THAT(complaints(), HasSubstr("2026-01-31.json: error: /complete: was cut short"));
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

TEST_F(MeasuredFit, ShapesThatCannotBeAreIssues) {
  for (const auto& [kernel, shape] :
       {std::pair("attention", "bf16 batch=1 kv_heads=8 length=100 head_dim=128"),
        std::pair("attention", "bf16 batch=1 heads=-8 kv_heads=8 length=100 head_dim=128"),
        std::pair("decode_attention", "bf16 batch=1 heads=2 kv_heads=8 cached=9 head_dim=128"),
        std::pair("matrix_product", "bf16 m=1e6 n=128 k=128"),
        std::pair("matrix_product", "bf16 m=4611686018427387904 n=128 k=128"), std::pair("copy", "blocks=7")}) {
    device();
    auto file = made_up(60);
    file.kernels.push_back({kernel, shape, {5}});
    measured(file);
    issues = {};
    EXPECT_FALSE(fit()) << shape;
    EXPECT_THAT(complaints(), HasSubstr("2026-01-31.json: error: /kernels/62/shape: ")) << shape;
  }
}

TEST_F(MeasuredFit, CurvesThatNobodyCouldLoadAreNotWritten) {
  device();
  auto file = with_pytorch();
  file.kernels.push_back({"norm", "compiled bytes=50000000", {3}});  // faster than the memory: it never left the cache
  measured(file);
  EXPECT_FALSE(fit());
  EXPECT_THAT(complaints(), HasSubstr("/fitted/memory_kernels/"));
}

TEST_F(MeasuredFit, WithoutAttentionARelativeIsNeeded) {
  device("");
  measured(made_up(60));
  EXPECT_FALSE(fit());
  EXPECT_THAT(complaints(), HasSubstr("attention was not measured"));
}

TEST_F(MeasuredFit, ShapesOfSeveralFilesCountByTheirMedian) {
  device();
  const auto slower = [](double factor) {
    auto file = made_up(60);
    for (MeasuredKernel& k : file.kernels)
      for (double& time : k.microseconds) time *= factor;
    return file;
  };
  measured(slower(1));
  const auto once = fit();
  folder.write("measurements/Test-GPU/2026-02-01.json", text_of(slower(1)));
  folder.write("measurements/Test-GPU/2026-02-02.json", text_of(slower(1.5)));
  EXPECT_EQ(fit(), once);
}

TEST_F(MeasuredFit, DecodingIsTheOwnKernelsAndEnginesKeepTheRelatives) {
  device();
  measured(with_pytorch());
  const auto file = fitted_device();
  ASSERT_TRUE(file) << complaints();
  ASSERT_EQ(file->fitted->kernels.size(), 1U);
  const RooflineCurve& curve = file->fitted->kernels.front();
  EXPECT_EQ(curve.family, KernelFamily::decode_attention);
  EXPECT_EQ(curve.framework, Framework::any);
  RooflineCurves curves, relative;
  curves.add(curve);
  RooflineCurve engine = curve;
  engine.framework = Framework::vllm;
  relative.add(engine);
  relative.add(curve);
  curves.inherit(std::move(relative));
  EXPECT_FALSE(curves.find(KernelFamily::decode_attention, Framework::any, Precision::bf16, 128)->inherited);
  EXPECT_TRUE(curves.find(KernelFamily::decode_attention, Framework::vllm, Precision::bf16, 128)->inherited);
}

TEST_F(MeasuredFit, PyTorchsKernelsHaveTheirRates) {
  device();
  measured(with_pytorch());
  const auto file = fitted_device();
  ASSERT_TRUE(file) << complaints();
  const auto rate = [&](MemoryKernel kernel, bool fused) {
    for (const MemoryKernelRate& r : file->fitted->memory_kernels)
      if (r.kernel == kernel && r.fused == fused) return r.fraction * 3.35;
    return 0.0;
  };
  EXPECT_NEAR(rate(MemoryKernel::optimizer, true), 2.0, 0.01);
  EXPECT_NEAR(rate(MemoryKernel::rotary, true), 0.5, 0.01);
  EXPECT_NEAR(rate(MemoryKernel::rotary, false), 1.0, 0.01);
  EXPECT_EQ(rate(MemoryKernel::norm, true), 0);
  ASSERT_TRUE(file->fitted->power);
  EXPECT_EQ(file->fitted->power->memory.value(), 580);
  EXPECT_EQ(file->fitted->power->clock, 0.75);
}

/// The device of `measurements/H200-SXM-microbench` from one of its files alone.
Fitted fitted_from(const std::string& file, Issues& issues) {
  const std::string name = "H200-SXM-microbench";
  const ScratchFolder folder;
  folder.write("devices/" + name + ".json", head_of(*read_whole(device_directory() / (name + ".json"), issues)));
  folder.write("measurements/" + name + "/one.json", *read_whole(measurement_directory() / name / file, issues));
  const auto text = fit_device(folder.path() / "devices" / (name + ".json"), folder.path() / "measurements", issues);
  return text ? *read_device_text(*text, name, issues)->fitted : Fitted{};
}

/// Who measures a card again must not get another device.
TEST(MeasuredTwice, OneCardPredictsAlike) {
  Issues issues;
  const Fitted first = fitted_from("2026-11-26-b.json", issues), second = fitted_from("2026-11-26-c.json", issues);
  ASSERT_FALSE(issues.has_errors());
  ASSERT_EQ(first.matrix_products.size(), second.matrix_products.size());
  for (std::size_t i = 0; i < first.matrix_products.size(); ++i) {
    const PreparedSurface a(first.matrix_products[i].surface), b(second.matrix_products[i].surface);
    std::vector<double> all, above;  // and those above 50 us
    for (int shape = 1; shape <= 480; ++shape) {
      const ProductShape s = spread_shape(shape);
      const Sizes sizes{effective_rows(double(s.m)), double(s.n), double(s.k)};
      const double time = a.microseconds(sizes), difference = std::abs(b.microseconds(sizes) / time - 1);
      all.push_back(difference);
      if (time > 50) above.push_back(difference);
    }
    const auto format = name_of(first.matrix_products[i].precision);
    EXPECT_LT(quantile(all, 0.5), 0.01) << format;
    EXPECT_LT(quantile(above, 0.9), 0.02) << format;
  }
}

}  // namespace
}  // namespace plenum::calibration
