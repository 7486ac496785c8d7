#include "calibration/fit.hpp"

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
  Precision precision;
  double above, below;  ///< median absolute error on held-out rows of more / less than 50 us
};

// What the fit reaches, rounded up; README.md has the table.
const std::vector<Gate> gates{
    {"matrix_product", Precision::bf16, 0.038, 0.058},      {"matrix_product", Precision::fp8, 0.027, 0.03},
    {"matrix_product", Precision::fp8_block, 0.037, 0.036}, {"matrix_product", Precision::nvfp4, 0.018, 0.021},
    {"attention", Precision::bf16, 0.032, 0.052},           {"attention", Precision::fp8, 0.024, 0.036},
};

TEST(Fit, HeldOutErrorsStayWithinTheirGates) {
  Issues issues;
  for (const std::string name : {"A100-80GB-SXM", "H100-SXM", "H200-SXM", "B200-SXM"}) {
    const auto device = read_device_file(device_directory() / (name + ".json"), issues);
    ASSERT_TRUE(device);
    EXPECT_GE(device->fitted->accuracy.size(), 4U);
    for (const Accuracy& accuracy : device->fitted->accuracy) {
      const auto gate = std::find_if(gates.begin(), gates.end(), [&](const Gate& g) {
        return g.family == accuracy.family && g.precision == accuracy.precision;
      });
      ASSERT_NE(gate, gates.end());
      EXPECT_LE(accuracy.median_abs_error, accuracy.size == "above 50 us" ? gate->above : gate->below)
          << name << " " << accuracy.family << " " << name_of(accuracy.precision) << " " << accuracy.size;
    }
  }
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
