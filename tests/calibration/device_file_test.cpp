#include "calibration/device_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "calibration/scratch.hpp"

namespace plenum::calibration {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::string& name) {
  std::ifstream stream(device_directory() / (name + ".json"), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw std::runtime_error("test: no " + what);
  return text.replace(at, what.size(), with);
}

class DeviceFiles : public ::testing::Test {
 protected:
  /// The issues of a device file with this text, one per line.
  std::string issues_of(const std::string& text) {
    Issues issues;
    EXPECT_FALSE(read_device_file(folder.write("X.json", text), issues));
    std::string all;
    for (const Issue& issue : issues.all()) all += to_string(issue) + "\n";
    return all;
  }
  ScratchFolder folder;
};

TEST_F(DeviceFiles, TruncatedTextIsAnIssueWithItsPosition) {
  const std::string text = text_of("H100-SXM");
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, text.size() / 100, text.size() / 2, text.size() - 3})
    EXPECT_THAT(issues_of(text.substr(0, size)), HasSubstr("X.json:")) << size;
}

TEST_F(DeviceFiles, MissingTimesAreAnIssueThatSaysHowMany) {
  const std::string text = replaced(text_of("H100-SXM"), "\"microseconds\": [\n", "\"microseconds\": [\"3\",\n");
  EXPECT_THAT(issues_of(text), HasSubstr("/fitted/matrix_products/0: 2017 positive times for 2016 nodes"));
}

TEST_F(DeviceFiles, NodesMustAscend) {
  const std::string text = replaced(text_of("H100-SXM"), "\"m\": [16, 64", "\"m\": [64, 16");
  EXPECT_THAT(issues_of(text), HasSubstr("the nodes of an axis must ascend"));
}

TEST_F(DeviceFiles, NegativeTimesAreIssues) {
  const std::string text =
      replaced(text_of("H100-SXM"), "\"microseconds\": [\n         \"", "\"microseconds\": [\n         \"-");
  EXPECT_THAT(issues_of(text), HasSubstr("/fitted/matrix_products/0: 2004 positive times for 2016 nodes"));
}

TEST_F(DeviceFiles, TruncatedRatiosAreIssues) {
  const std::string text = replaced(text_of("H100-SXM"), "\"times_roofline\": \"", "\"times_roofline\": \"1 ");
  EXPECT_THAT(issues_of(text), HasSubstr("/fitted/kernels/0/times_roofline: needs 192 positive numbers"));
}

TEST_F(DeviceFiles, AForeignFileIsRefused) {
  EXPECT_THAT(issues_of("{\"gpu\": \"H100\", \"tflops\": 989}"), HasSubstr("gpu"));
  EXPECT_THAT(issues_of("[1, 2, 3]"), HasSubstr("X.json:1"));
}

TEST_F(DeviceFiles, NumbersNeedTheirUnits) {
  EXPECT_THAT(issues_of(replaced(text_of("H100-SXM"), "\"700 W\"", "700")), HasSubstr("/specification/power"));
}

TEST_F(DeviceFiles, WithoutCurvesAndRelativeIsRefused) {
  const std::string head = head_of(text_of("GB200"));
  EXPECT_THAT(issues_of(replaced(head, "  \"inherits\": \"B200-SXM\",\n", "")), HasSubstr("inherits"));
}

TEST_F(DeviceFiles, TheHeadStandsAlone) {
  Issues issues;
  const auto head = read_device_head(device_directory() / "H100-SXM.json", issues);
  ASSERT_TRUE(head);
  EXPECT_FALSE(head->fitted);
  EXPECT_EQ(head->specification.multiprocessors, 132);
}

TEST(DeviceDirectory, HoldsSmallFilesNamedAfterTheirDevices) {
  Issues issues;
  for (const auto& entry : std::filesystem::directory_iterator(device_directory())) {
    EXPECT_LE(entry.file_size(), 320'000U) << entry.path();
    const auto device = read_device_file(entry.path(), issues);
    ASSERT_TRUE(device) << entry.path();
    EXPECT_EQ(device->name, entry.path().stem().string());
    for (const auto& source : device->sources) EXPECT_FALSE(source.source.empty()) << entry.path();
  }
}

}  // namespace
}  // namespace plenum::calibration
