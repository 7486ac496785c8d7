#include "calibration/collectives/timing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "calibration/collectives/nccl_tables.hpp"
#include "calibration/fit/fit.hpp"
#include "sim/core/csv.hpp"

namespace plenum::calibration {
namespace {

using Algorithm = CollectiveAlgorithm;
using Protocol = CollectiveProtocol;
using Kind = CollectiveKind;

constexpr Bytes mebibyte{1 << 20};

Situation node(const std::string& architecture, std::int64_t ranks) {
  return {.architecture = architecture, .ranks = ranks};
}

double recorded(const std::string& parameter, const std::string& algorithm, const std::string& protocol,
                const std::string& link, const std::string& scope) {
  Issues issues;
  const auto table = read_csv(measurement_directory() / "nccl_model.csv", issues);
  const auto is = [&](const CsvTable::Row& row, std::string_view column, const std::string& value) {
    return table->cell(row, column) == value;
  };
  for (const auto& row : table->rows)
    if (is(row, "parameter", parameter) && is(row, "algorithm", algorithm) && is(row, "protocol", protocol) &&
        is(row, "arch_or_link", link) && is(row, "scope", scope))
      return std::stod(std::string(table->cell(row, "value")));
  throw std::runtime_error("no row " + parameter);
}

TEST(NcclTables, AreNcclsOwn) {
  const std::array<std::pair<Method, std::pair<std::string, std::string>>, 9> methods{{
      {{Algorithm::ring, Protocol::ll}, {"Ring", "LL"}},
      {{Algorithm::ring, Protocol::ll128}, {"Ring", "LL128"}},
      {{Algorithm::ring, Protocol::simple}, {"Ring", "Simple"}},
      {{Algorithm::tree, Protocol::ll}, {"Tree", "LL"}},
      {{Algorithm::tree, Protocol::ll128}, {"Tree", "LL128"}},
      {{Algorithm::tree, Protocol::simple}, {"Tree", "Simple"}},
      {{Algorithm::nvls, Protocol::simple}, {"NVLS", "Simple"}},
      {{Algorithm::nvls_tree, Protocol::simple}, {"NVLSTree", "Simple"}},
      {{Algorithm::pat, Protocol::simple}, {"PAT", "Simple"}},
  }};
  for (const auto& [method, name] : methods) {
    const auto latency = nccl::latency_of(method);
    const auto& [algorithm, protocol] = name;
    EXPECT_EQ(latency.base, recorded("baseLatency", algorithm, protocol, "", ""));
    EXPECT_EQ(latency.nvlink, recorded("hwLatency", algorithm, protocol, "NVLINK", "per step"));
    EXPECT_EQ(latency.pcie, recorded("hwLatency", algorithm, protocol, "PCI", "per step"));
    EXPECT_EQ(latency.network, recorded("hwLatency", algorithm, protocol, "NET", "per step"));
  }
  EXPECT_EQ(nccl::architecture_of("hopper").low_latency_rate, recorded("llMaxBw", "", "LL", "Hopper", "1 node"));
  EXPECT_EQ(nccl::architecture_of("hopper").nvls_efficiency,
            recorded("nvlsEfficiency", "NVLS", "Simple", "Hopper", ""));
}

// Where measured curves jump (ai-dynamo/aiconfigurator, NCCL 2.27.3 and 2.29.2), NCCL's estimates cross.
TEST(Choice, ChangesWhereMeasurementsJump) {
  EXPECT_EQ(choose(node("hopper", 8), Kind::all_reduce, mebibyte).protocol, Protocol::ll);
  EXPECT_EQ(choose(node("hopper", 8), Kind::all_reduce, mebibyte * 2).algorithm, Algorithm::nvls);
  EXPECT_EQ(choose(node("blackwell", 8), Kind::all_gather, mebibyte * 8).protocol, Protocol::ll);
  EXPECT_EQ(choose(node("blackwell", 8), Kind::all_gather, mebibyte * 16).protocol, Protocol::simple);
  EXPECT_EQ(choose(node("ampere", 2), Kind::all_gather, mebibyte).protocol, Protocol::ll);
  EXPECT_EQ(choose(node("ampere", 2), Kind::all_gather, mebibyte * 2).protocol, Protocol::simple);
}

// H200: "NVLS not selected at 4 GPUs", selected at 5; B200: rings at 5 GPUs, NVLS at 6 (Stas Bekman's measurements).
TEST(Choice, SharpBeginsAtFiveHopperAndSixBlackwellGpus) {
  for (const auto& [architecture, first] : {std::pair{"hopper", 5}, {"blackwell", 6}}) {
    EXPECT_EQ(choose(node(architecture, first - 1), Kind::all_reduce, mebibyte * 1024).algorithm, Algorithm::ring);
    EXPECT_EQ(choose(node(architecture, first), Kind::all_reduce, mebibyte * 1024).algorithm, Algorithm::nvls);
  }
}

TEST(Choice, RefusesWhatTheHardwareCant) {
  EXPECT_NE(refusal(node("ampere", 8), Kind::all_reduce, {Algorithm::nvls, Protocol::simple}), "");
  EXPECT_NE(refusal(node("hopper", 8), Kind::all_reduce, {Algorithm::nvls, Protocol::ll}), "");
  EXPECT_EQ(refusal(node("hopper", 6), Kind::all_reduce, {Algorithm::halving_doubling, Protocol::simple}), "");
  EXPECT_NE(refusal(node("hopper", 8), Kind::all_gather, {Algorithm::halving_doubling, Protocol::simple}), "");
  for (const auto gathers : {Kind::all_gather, Kind::reduce_scatter}) {
    EXPECT_EQ(refusal(node("hopper", 8), gathers, {Algorithm::nvls, Protocol::simple}), "");
    EXPECT_NE(refusal(node("ampere", 8), gathers, {Algorithm::nvls, Protocol::simple}), "");
    EXPECT_EQ(refusal(node("pcie5", 8), gathers, {Algorithm::direct, Protocol::simple}), "");
  }
  EXPECT_NE(refusal(node("hopper", 8), Kind::all_to_all, {Algorithm::ring, Protocol::simple}), "");
  EXPECT_EQ(refusal(node("hopper", 8), Kind::all_reduce, {Algorithm::nvls, Protocol::simple}), "");
  EXPECT_NE(choose(node("ampere", 8), Kind::all_reduce, mebibyte, Algorithm::nvls, {}).refusal, "");
  EXPECT_EQ(choose(node("ampere", 8), Kind::all_reduce, mebibyte, Algorithm::tree, Protocol::ll128).method,
            (Method{Algorithm::tree, Protocol::ll128}));
}

TEST(Timing, JoinsHopsAndBytes) {
  const Timing added{.base = Seconds(1), .chain = Seconds(3), .overlap = 1};
  EXPECT_DOUBLE_EQ(added.total(Seconds(4)).value(), 8);
  const Timing hidden{.base = Seconds(1), .chain = Seconds(3), .overlap = 2};
  EXPECT_DOUBLE_EQ(hidden.total(Seconds(4)).value(), 6);
  EXPECT_DOUBLE_EQ(hidden.total(Seconds(0)).value(), 4);
  const Timing waits{.base = Seconds(1), .chain = Seconds(3), .overlap = 1, .floor = Seconds(20)};
  EXPECT_DOUBLE_EQ(waits.total(Seconds(4)).value(), 20);
}

TEST(Timing, NeverBeatsTheLinksAndGrowsWithBytes) {
  EXPECT_TRUE(rc::check([] {
    const auto architecture =
        *rc::gen::element<std::string>("volta", "ampere", "hopper", "blackwell", "pcie4", "pcie5");
    const auto kind = *rc::gen::element(Kind::all_reduce, Kind::all_gather, Kind::all_to_all, Kind::send_receive);
    const std::int64_t domains = *rc::gen::element(1, 2, 3, 16);
    const Situation s{.architecture = architecture,
                      .transport = *rc::gen::element(Transport::infiniband, Transport::efa, Transport::ethernet),
                      .ranks = domains * *rc::gen::element(2, 4, 8),
                      .domains = domains,
                      .link = BytesPerSecond(300e9),
                      .network = BytesPerSecond(200e9)};
    const Bytes bytes(static_cast<std::int64_t>(std::exp2(*rc::gen::inRange(0, 34000) / 1000.0)));
    const auto method = choose(s, kind, bytes);
    RC_ASSERT(refusal(s, kind, method).empty());
    const auto t = timing(s, kind, method, bytes);
    RC_ASSERT(t.nvlink_efficiency > 0);
    RC_ASSERT(t.nvlink_efficiency <= 1);
    RC_ASSERT(t.network_efficiency > 0);
    RC_ASSERT(t.network_efficiency <= 1);
    RC_ASSERT(t.base > Seconds());
    RC_ASSERT(alone(s, kind, method, bytes + bytes) >= alone(s, kind, method, bytes) * 0.999);
  }));
}

TEST(Curves, AreReadAsTheyAreWritten) {
  const auto scratch = std::filesystem::temp_directory_path() / "plenum_curves_test.json";
  std::ofstream(scratch) << to_text(curves());
  Issues issues;
  const auto again = read_curves(scratch, issues);
  ASSERT_TRUE(again);
  EXPECT_EQ(to_text(*again), to_text(curves()));
  std::filesystem::remove(scratch);
}

}  // namespace
}  // namespace plenum::calibration
