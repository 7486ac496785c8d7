#include "calibration/import/import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenum::calibration {
namespace {

using ::testing::HasSubstr;

MeasurementFile imported(Import import, const std::string& text) {
  Issues issues;
  const auto file = import(text, "log", issues);
  for (const Issue& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  return file.value_or(MeasurementFile{});
}

std::string refused(Import import, const std::string& text) {
  Issues issues;
  EXPECT_FALSE(import(text, "log", issues));
  return issues.all().empty() ? "" : to_string(issues.all().front());
}

const std::string nccl =
    "# nccl-tests version 2.17.0\n"
    "# Collective test starting: all_reduce_perf\n"
    "#  Rank  0 Group  0 Pid   1 on host device  0 [0000:1b:00] NVIDIA H100\n"
    "#  Rank  1 Group  0 Pid   1 on host device  1 [0000:43:00] NVIDIA H100\n"
    "#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw "
    "#wrong\n"
    "     1048576        262144     float     sum      -1    36.30   28.88   28.88      0    35.94   29.17   29.17    "
    "N/A\n"
    "# Avg bus bandwidth    : 28.9\n";

TEST(Import, ReadsNcclTests) {
  const auto file = imported(import_nccl_tests, nccl);
  ASSERT_EQ(file.kernels.size(), 2U);
  EXPECT_EQ(file.kernels[0].kernel, "all_reduce");
  EXPECT_EQ(file.kernels[0].shape, "float ranks=2 bytes=1048576 out_of_place");
  EXPECT_EQ(file.kernels[1].microseconds, std::vector<double>{35.94});
}

TEST(Import, SaysWhereNcclTestsBroke) {
  EXPECT_THAT(refused(import_nccl_tests, nccl.substr(0, nccl.size() - 60)), HasSubstr("log:6"));
  std::string wrong = nccl;
  wrong.replace(wrong.find("28.88      0"), 12, "28.88      3");
  EXPECT_THAT(refused(import_nccl_tests, wrong), HasSubstr("log:6:1: error: 3 wrong values out_of_place"));
  EXPECT_THAT(refused(import_nccl_tests, "hello\n"), HasSubstr("no line of nccl-tests"));
}

const std::string bandwidth =
    "nvbandwidth Version: v0.5\n\nRunning host_to_device_memcpy_ce.\n"
    "memcpy CE CPU(row) -> GPU(column) bandwidth (GB/s)\n           0         1\n 0     53.6870912     N/A\n\n"
    "SUM host_to_device_memcpy_ce 53.69\n";

TEST(Import, ReadsNvbandwidth) {
  const auto file = imported(import_nvbandwidth, bandwidth);
  ASSERT_EQ(file.kernels.size(), 1U);
  EXPECT_EQ(file.kernels[0].shape, "bytes=536870912 row=0 column=0");
  EXPECT_NEAR(file.kernels[0].microseconds[0], 10000, 1e-6);
  std::string unitless = bandwidth;
  unitless.erase(unitless.find("(GB/s)"), 6);
  EXPECT_THAT(refused(import_nvbandwidth, unitless),
              HasSubstr("log:6:1: error: host_to_device_memcpy_ce: rates without"));
}

TEST(Import, ReadsTheJsonOfNvbandwidth) {
  const std::string text = R"json({"nvbandwidth": {"version": "v0.6", "testcases": [
    {"name": "waived_test", "status": "Waived"},
    {"name": "host_to_device_memcpy_ce", "status": "Passed", "bandwidth_description": "CPU(row) -> GPU(column) bandwidth (GB/s)",
     "bandwidth_matrix": [["53.6870912", "N/A"]], "sum": 53.7},
    {"name": "latency_sm", "status": "Passed", "bandwidth_description": "latency CPU(row) <-> GPU(column) (ns)",
     "bandwidth_matrix": [["750.5"]], "sum": 750.5}]}})json";
  const auto file = imported(import_nvbandwidth, text);
  ASSERT_EQ(file.kernels.size(), 2U);
  EXPECT_EQ(file.kernels[0].shape, "bytes=536870912 row=0 column=0");
  EXPECT_NEAR(file.kernels[0].microseconds[0], 10000, 1e-6);
  EXPECT_NEAR(file.kernels[1].microseconds[0], 0.7505, 1e-9);
  std::string bad = text;
  bad.replace(bad.find("53.6870912"), 10, "none");
  EXPECT_THAT(refused(import_nvbandwidth, bad), HasSubstr("log:4:28: error: rate \"none\" is no positive number"));
  EXPECT_THAT(refused(import_nvbandwidth, "{\"nvbandwidth\": {\"testcases\": ["), HasSubstr("error"));
}

TEST(Import, BytesThatAreNoTextAreReplacedInTheFile) {
  const auto file = imported(import_nvidia_smi, "name, clocks\xfd\nNVIDIA H200, 1980 MHz\n");
  EXPECT_THAT(text_of(file), HasSubstr("clocks\xef\xbf\xbd"));  // U+FFFD
}

TEST(Import, ReadsVidur) {
  const std::string text =
      "num_tokens,n_embd,time_stats.mlp_up_proj.median,time_stats.mlp_up_proj.std\n8,4096,0.05,0.001\n";
  const auto file = imported(import_vidur, text);
  ASSERT_EQ(file.kernels.size(), 1U);
  EXPECT_EQ(file.kernels[0].kernel, "mlp_up_proj");
  EXPECT_EQ(file.kernels[0].shape, "num_tokens=8 n_embd=4096");
  EXPECT_NEAR(file.kernels[0].microseconds[0], 50, 1e-9);
  EXPECT_THAT(refused(import_vidur, text + "8,4096\n"), HasSubstr("log:3:1: error: 2 cells; the header has 4"));
  EXPECT_THAT(refused(import_vidur, "a,b\n1,2\n"), HasSubstr("is this a profile of Vidur?"));
}

TEST(Import, ReadsNvidiaSmi) {
  const auto file = imported(import_nvidia_smi, "name, clocks.current.sm [MHz]\nNVIDIA H200, 1980 MHz\n");
  ASSERT_EQ(file.facts.size(), 2U);
  EXPECT_EQ(file.facts[1].name, "gpu0 clocks.current.sm [MHz]");
  EXPECT_EQ(file.facts[1].value, "1980 MHz");
  EXPECT_THAT(refused(import_nvidia_smi, "name, power\nH200\n"), HasSubstr("log:2"));
}

TEST(Import, ReadsTheMatrixOfLinks) {
  const std::string text =
      "\t\x1b[4mGPU0\tGPU1\tNIC0\tCPU Affinity\x1b[0m\nGPU0\t X \tNV18\tPIX\t0-47\nGPU1\tNV18\t X \tSYS\t0-47\n"
      "NIC0\tPIX\tSYS\t X \n\nLegend:\n  X    = Self\n";
  const auto file = imported(import_topology_matrix, text);
  ASSERT_EQ(file.facts.size(), 6U);
  EXPECT_EQ(file.facts[0].name, "link GPU0 GPU1");
  EXPECT_EQ(file.facts[0].value, "NV18");
  std::string broken = text;
  broken.replace(broken.find("NV18"), 4, "NVxx");
  EXPECT_THAT(refused(import_topology_matrix, broken), HasSubstr("log:2:1: error: \"NVxx\" is no link"));
}

TEST(Import, ReadsNcclsTopology) {
  const std::string text =
      "<system version=\"1\">\n<cpu numaid=\"0\">\n<pci busid=\"0000:1b:00.0\" link_speed=\"32.0 GT/s\" "
      "link_width=\"16\">\n"
      "<gpu dev=\"0\" sm=\"90\"><nvlink target=\"0000:05:00.0\" count=\"4\"/></gpu>\n</pci>\n"
      "<nic><net name=\"mlx5_0\" speed=\"400000\"/></nic>\n</cpu>\n</system>\n";
  const auto file = imported(import_nccl_topology, text);
  ASSERT_EQ(file.facts.size(), 4U);
  EXPECT_EQ(file.facts[2].name, "gpu0 nvlink 0000:05:00.0");
  EXPECT_EQ(file.facts[2].value, "4");
  EXPECT_EQ(file.facts[3].value, "400000 Mb/s");
  EXPECT_THAT(refused(import_nccl_topology, text.substr(0, 60)), HasSubstr("no well-formed XML"));
  EXPECT_THAT(refused(import_nccl_topology, "<a/>"), HasSubstr("no element <system>"));
}

}  // namespace
}  // namespace plenum::calibration
