#include <gmock/gmock.h>

#include <array>

#include "analysis/forked.hpp"
#include "analysis/validation/row_cells.hpp"
#include "analysis/validation/serving/online_table.hpp"
#include "analysis/validation/serving/serving_cluster.hpp"
#include "analysis/validation/serving/throughput_table.hpp"
#include "fork.hpp"

namespace plenum::analysis {
namespace {

CsvTable table_of(std::vector<std::string> columns, std::vector<std::string> cells) {
  CsvTable table;
  table.columns = std::move(columns);
  table.rows = {{2, std::move(cells)}};
  return table;
}

CsvTable throughput_row(const std::string& model, const std::string& gpu, const std::string& value) {
  return table_of({"id", "model", "gpu", "precision", "tp", "pp", "isl", "osl", "value", "trtllm_version"},
                  {"a", model, gpu, "FP8", "1", "1", "2048", "128", value, "1.0"});
}

CsvTable online_row(const std::string& rate) {
  return table_of({"id", "model", "gpu", "precision", "tp", "isl", "osl", "qps", "mean_itl_ms"},
                  {"a", "LLaMA 3.1 8B", "H200 131GB HBM3", "BF16", "1", "202", "214", rate, ""});
}

Prediction predict(const TableKind& kind, const CsvTable& table) { return kind.predict(table, table.rows.front()); }

TEST(ServingCluster, KnowsGpusByWhatTablesCallThem) {
  EXPECT_EQ(serving_cluster("h200_sxm", 8).name, "DGX-H200");
  EXPECT_EQ(serving_cluster("H200 141GB HBM3", 1).name, "DGX-H200");
  EXPECT_EQ(serving_cluster("GH200 480GB", 1).gpu, "GH200-480GB");
  EXPECT_EQ(serving_cluster("GB200", 72).name, "GB200-NVL72");
  EXPECT_EQ(serving_cluster("RTX 6000 Pro", 8).gpu, "RTX-PRO-6000");
  EXPECT_EQ(serving_cluster("RTXPRO6000", 1).gpu, "RTX-PRO-6000");
  EXPECT_THROW(serving_cluster("TPU v7", 1), Unsupported);
}

TEST(ServingThroughputTable, PredictsRowsWithoutMeasurement) {
  const auto table = throughput_row("Llama 3.1 8B", "H200 141GB HBM3", "");
  EXPECT_FALSE(serving_throughput_table().describe(table, table.rows.front()).quantities.front().measured);
  // In a child: a process that has simulated leaves children that can't.
  const auto numbers = test::in_child(
      [&] { return std::vector{predict(serving_throughput_table(), table).quantities.at("throughput")}; });
  // Each output token comes with 16 of a prompt: at most 17 tokens x 2 x 7.5e9 operations at 1979 TFLOP/s.
  EXPECT_GT(numbers.at(0), 2000);
  EXPECT_LT(numbers.at(0), 1979e12 / (17 * 2 * 7.5e9));
}

TEST(ServingThroughputTable, SaysWhyARowIsNotPredicted) {
  const auto reason = [](const char* model, const char* gpu) {
    return predict(serving_throughput_table(), throughput_row(model, gpu, "1")).reason;
  };
  EXPECT_EQ(reason("Llama 9", "H200"), "the model \"Llama 9\" is not in the catalogue");
  EXPECT_EQ(reason("Llama 3.1 8B", "Gaudi2"), "no calibration for the system \"Gaudi2\"");
  EXPECT_THAT(reason("Llama 3.1 405B", "H200"), testing::HasSubstr("does not fit"));
}

TEST(ServingOnlineTable, LatencyGrowsWithTheRate) {
  const std::array<const char*, 3> rates{"2", "32", "INF"};
  const auto first_token = [&](std::size_t i) {
    const auto prediction = predict(serving_online_table(), online_row(rates[i]));
    return prediction.reason + std::to_string(prediction.quantities.at("ttft"));
  };
  const auto answers = run_forked(rates.size(), first_token, [](std::size_t, std::size_t) {}, {});
  EXPECT_LT(std::stod(answers[0].output), std::stod(answers[1].output));
  EXPECT_LT(10 * std::stod(answers[1].output), std::stod(answers[2].output));
  EXPECT_EQ(predict(serving_online_table(), online_row("")).reason, "the table states no request rate");
}

}  // namespace
}  // namespace plenum::analysis
