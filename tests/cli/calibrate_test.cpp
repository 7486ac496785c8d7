#include <gmock/gmock.h>

#include "cli/program.hpp"

namespace plenum::testing {
namespace {

using ::testing::HasSubstr;

class Calibrate : public Program {};

TEST_F(Calibrate, MeasureRefusesWithoutAGpu) {
  if (std::filesystem::exists("/dev/nvidiactl")) return;  // then it would measure
  const auto outcome = run("calibrate measure --out m.json");
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("no NVIDIA GPU here"));
  EXPECT_FALSE(std::filesystem::exists(folder / "m.json"));
}

TEST_F(Calibrate, AnUnknownActionIsUsage) {
  const auto outcome = run("calibrate chek");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("did you mean \"check\"?"));
}

TEST_F(Calibrate, ShowDrawsADevice) {
  const auto outcome = run("calibrate show GB200 --out gb200.svg");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const std::string svg = read_file(folder / "gb200.svg");
  EXPECT_THAT(svg, HasSubstr("curves inherited from B200-SXM"));
  EXPECT_THAT(svg, HasSubstr("</svg>"));
}

TEST_F(Calibrate, CheckFindsWhatMovedBetweenTwoMeasurements) {
  const auto file = [](double slowdown) {
    std::string text = R"({"format": "plenum-measurements-1", "gpu": "H200-SXM", "date": "2026-01-01", "source": "test",
      "complete": true, "kernels": [{"kernel": "copy", "shape": "1 MiB", "microseconds": [)";
    for (int i = 0; i < 12; ++i) text += (i ? ", " : "") + std::to_string(slowdown * (100 + 0.1 * i));
    return text + "]}]}";
  };
  write_file(folder / "before.json", file(1));
  write_file(folder / "same.json", file(1.001));
  write_file(folder / "slow.json", file(1.05));
  EXPECT_EQ(run("calibrate check before.json same.json").code, 0);
  const auto outcome = run("calibrate check before.json slow.json --junit drift.xml --json -");
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.out, HasSubstr("moved    +5.00 %  copy 1 MiB"));
  EXPECT_THAT(outcome.out, HasSubstr("\"moved\": true"));
  EXPECT_THAT(read_file(folder / "drift.xml"), HasSubstr("failures=\"1\""));
  EXPECT_EQ(run("calibrate check before.json missing.json").code, 3);
}

TEST_F(Calibrate, ImportsWhatNvbandwidthPrints) {
  write_file(folder / "log", "Running a_test.\nrates (GB/s)\n  0\n0  50.0\n");
  const auto outcome = run("calibrate import nvbandwidth log --gpu H200-SXM --date 2026-01-31 --out m.json");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(read_file(folder / "m.json"), HasSubstr("\"plenum-measurements-1\""));
  EXPECT_EQ(run("calibrate import vidur log --gpu X --out n.json").code, 3);
}

}  // namespace
}  // namespace plenum::testing
