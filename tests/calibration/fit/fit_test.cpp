#include "calibration/fit/fit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "calibration/device_file.hpp"
#include "calibration/scratch.hpp"

namespace plenum::calibration {
namespace {

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Fit, ReproducesEveryCommittedDeviceByteForByte) {
  const ScratchFolder output;
  Issues issues;
  std::size_t announced = 0;
  const auto progress = [&](const std::string&, std::size_t done, std::size_t of) {
    EXPECT_LT(done, of);
    ++announced;
  };
  ASSERT_TRUE(fit_devices(device_directory(), measurement_directory(), output.path(), progress, issues));
  std::size_t compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(device_directory())) {
    EXPECT_TRUE(bytes_of(entry.path()) == bytes_of(output.path() / entry.path().filename()))
        << entry.path() << " differs from its fit; run \"plenum calibrate fit\" and look at what moved";
    ++compared;
  }
  EXPECT_EQ(announced, compared);
}

struct Gate {
  std::string family;
  double above, below;  ///< median absolute error on held-out rows of more / less than 50 us
};

// What the fit reaches on its worst device, framework and precision, rounded up; README.md has the table. Experts:
// kernels change between neighbouring shapes, and autotuning picks bad ones at times.
const std::vector<Gate> gates{
    {"matrix_product", 0.038, 0.054},  {"attention", 0.032, 0.052},   {"prefill_attention", 0.051, 0.068},
    {"decode_attention", 0.065, 0.07}, {"mla_prefill", 0.045, 0.054}, {"mla_decode", 0.06, 0.052},
    {"mla_absorption", 0.036, 0.094},  {"moe", 0.107, 0.122},         {"moe_skewed", 0.073, 0.120},
    {"linear_layer", 0.067, 0.061},
};

TEST(Fit, HeldOutErrorsStayWithinTheirGates) {
  constexpr std::int64_t enough = 100;  // rows; the median of fewer says little
  Issues issues;
  for (const std::string name : {"A100-80GB-SXM", "H100-SXM", "H200-SXM", "B200-SXM"}) {
    const auto device = read_device_file(device_directory() / (name + ".json"), issues);
    ASSERT_TRUE(device);
    EXPECT_GE(device->fitted->accuracy.size(), 30U);
    for (const Accuracy& accuracy : device->fitted->accuracy) {
      if (accuracy.rows < enough) continue;
      const auto gate =
          std::find_if(gates.begin(), gates.end(), [&](const Gate& g) { return g.family == accuracy.family; });
      ASSERT_NE(gate, gates.end()) << accuracy.family;
      EXPECT_LE(accuracy.median_abs_error, accuracy.size == "above 50 us" ? gate->above : gate->below)
          << name << " " << accuracy.family << " " << name_of(accuracy.framework) << " " << name_of(accuracy.precision)
          << " " << accuracy.size;
    }
  }
}

TEST(Fit, FilesStaySmall) {
  for (const auto& entry : std::filesystem::directory_iterator(device_directory()))
    EXPECT_LE(std::filesystem::file_size(entry.path()), 320'000U) << entry.path();
}

TEST(Fit, ADeviceWithoutItsTablesIsAnIssueAndNotWritten) {
  const ScratchFolder folder;
  folder.write("ops/INDEX.csv", "file,system,op\nnone.csv,z,gemm\n");
  folder.write("gpu_mamf.csv", "gpu,dtype\n");
  Issues issues;
  EXPECT_FALSE(fit_device(device_directory() / "H100-SXM.json", folder.path(), issues));
  ASSERT_TRUE(issues.has_errors());
  EXPECT_THAT(to_string(issues.all().back()),
              ::testing::HasSubstr("no table of bf16 matrix products for \"h100_sxm\""));
}

TEST(Fit, AnEmptyFolderIsAnIssue) {
  const ScratchFolder folder;
  Issues issues;
  EXPECT_FALSE(fit_devices(
      folder.path(), measurement_directory(), folder.path(), [](auto&, auto, auto) {}, issues));
}

}  // namespace
}  // namespace plenum::calibration
