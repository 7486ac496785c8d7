#include "calibration/collective_model.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "calibration/fit/fit.hpp"
#include "sim/core/csv.hpp"

namespace plenum::calibration {
namespace {

constexpr double mebibyte = 1 << 20;

/// A value of the recorded copy of NCCL's table.
double nccl(const std::string& parameter, const std::string& algorithm, const std::string& protocol,
            const std::string& link) {
  Issues issues;
  const auto table = read_csv(measurement_directory() / "nccl_model.csv", issues);
  for (const auto& row : table->rows)
    if (table->cell(row, "parameter") == parameter && table->cell(row, "algorithm") == algorithm &&
        table->cell(row, "protocol") == protocol && table->cell(row, "arch_or_link") == link)
      return std::stod(std::string(table->cell(row, "value")));
  throw std::runtime_error("no row " + parameter);
}

// Hopper's measured latencies are NCCL's own, so the constants can be compared directly.
TEST(RingConstants, AreThoseOfNcclsTuningTable) {
  const auto small = ring_constants("hopper", false, 8, Bytes(1024));
  EXPECT_NEAR(small.base.value(), 1e-6 * nccl("baseLatency", "Ring", "LL", ""), 1e-12);
  EXPECT_NEAR(small.intra_node_step.value(), 1e-6 * nccl("hwLatency", "Ring", "LL", "NVLINK"), 1e-12);
  EXPECT_NEAR(small.inter_node_step.value(), 1e-6 * nccl("hwLatency", "Ring", "LL", "NET"), 1e-12);
  const auto large = ring_constants("hopper", false, 8, Bytes(1 << 30));
  EXPECT_NEAR(large.base.value(), 1e-6 * nccl("baseLatency", "Ring", "Simple", ""), 1e-12);
  EXPECT_NEAR(large.intra_node_step.value(), 1e-6 * nccl("hwLatency", "Ring", "Simple", "NVLINK"), 1e-12);
}

double all_reduce(const std::string& architecture, double link, std::int64_t ranks, double bytes) {
  const auto c = ring_constants(architecture, false, ranks, Bytes(static_cast<std::int64_t>(bytes)));
  const double steps = 2.0 * double(ranks - 1);
  return c.base.value() + steps * c.intra_node_step.value() +
         steps / double(ranks) * bytes / (link * c.nvlink_efficiency);
}

// Measured on 8 GPUs (ai-dynamo/aiconfigurator: NCCL 2.27.3 on A100; 2.29.2 on H100, 16-bit and 8-bit elements, whose
// sums NVLink SHARP can't do, so they are rings). 15 %: NCCL's own model misses such points by 13 % in the median.
TEST(RingConstants, PredictMeasuredAllReducesOfEightGpus) {
  EXPECT_NEAR(all_reduce("ampere", 300e9, 8, 128 * mebibyte), 1169.1e-6, 0.15 * 1169.1e-6);
  EXPECT_NEAR(all_reduce("ampere", 300e9, 8, 512 * mebibyte), 4364.3e-6, 0.15 * 4364.3e-6);
  EXPECT_NEAR(all_reduce("hopper", 450e9, 8, 512 * mebibyte), 2677.5e-6, 0.15 * 2677.5e-6);
  EXPECT_NEAR(all_reduce("hopper", 450e9, 8, 8192), 16.7e-6, 0.15 * 16.7e-6);
  EXPECT_NEAR(all_reduce("ampere", 300e9, 8, 1024), 21.8e-6, 0.15 * 21.8e-6);
}

TEST(RingConstants, TimeGrowsWithBytesAndRanks) {
  EXPECT_TRUE(rc::check([] {
    // The protocol is the fastest on the architecture's own NVLink; on another link the choice could be a worse one.
    using OnLink = std::pair<std::string, double>;
    const auto [architecture, link] =
        *rc::gen::element<OnLink>(OnLink{"ampere", 300e9}, OnLink{"hopper", 450e9}, OnLink{"blackwell", 900e9});
    const double bytes = std::exp2(*rc::gen::inRange(0, 34000) / 1000.0);
    const auto ranks = *rc::gen::inRange<std::int64_t>(2, 72);
    const double time = all_reduce(architecture, link, ranks, bytes);
    RC_ASSERT(time > 0);
    RC_ASSERT(all_reduce(architecture, link, ranks + 1, bytes) * 1.001 >= time);
  }));
}

TEST(RingConstants, EfficienciesAreFractions) {
  for (const std::string architecture : {"ampere", "hopper", "blackwell", "newer"})
    for (const bool inter_node : {false, true})
      for (std::int64_t bytes = 1; bytes < (std::int64_t{1} << 36); bytes *= 16) {
        const auto c = ring_constants(architecture, inter_node, 64, Bytes(bytes));
        EXPECT_GT(c.nvlink_efficiency, 0.02);
        EXPECT_LT(c.nvlink_efficiency, 0.95);
        EXPECT_GT(c.network_efficiency, 0.02);
        EXPECT_LT(c.network_efficiency, 0.97);
      }
}

TEST(RingConstants, LargeMessagesUseSimpleAndPayTheNetworkPlateau) {
  const auto c = ring_constants("hopper", true, 64, Bytes(std::int64_t{4} << 30));
  EXPECT_NEAR(c.inter_node_step.value(), 14e-6 * 1.4, 1e-12);
  EXPECT_NEAR(c.network_efficiency, 0.94, 1e-12);
}

TEST(RingConstants, OneRankIsTreatedAsTwo) {
  EXPECT_EQ(ring_constants("hopper", false, 1, Bytes(1024)).base.value(),
            ring_constants("hopper", false, 2, Bytes(1024)).base.value());
}

}  // namespace
}  // namespace plenum::calibration
