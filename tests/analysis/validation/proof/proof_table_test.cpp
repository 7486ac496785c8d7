// The file here is made up; calibration/proof has the measured ones, when there are any.
#include "analysis/validation/proof/proof_table.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "analysis/validation/proof/proof_file.hpp"

namespace plenum::analysis {
namespace {

using ::testing::HasSubstr;

std::string run(const std::string& kind, const std::string& mode, int batch) {
  return fmt::format(
      R"({{"kind": "{}", "mode": "{}", "precision": "bf16", "model": "proof-1b", "layers": 16, "hidden": 2048,
        "heads": 32, "kv_heads": 8, "ffn": 8192, "vocabulary": 128256, "batch": {}, "tokens": 2048, "seconds": [0.3, 0.1, 0.2]}})",
      kind, mode, batch);
}

class ProofTable : public ::testing::Test {
 protected:
  ~ProofTable() override { std::filesystem::remove(path); }
  std::optional<CsvTable> read(const std::string& runs, bool complete = true) {
    std::ofstream(path) << fmt::format(
        R"({{"format": "plenum-proof-1", "gpu": "H100-SXM", "date": "2026-01-31", "software": "none",
            "complete": {}, "runs": [{}]}})",
        complete, runs);
    return read_proof(path, issues);
  }
  double predicted(const CsvTable& table, std::size_t row) {
    const auto prediction = proof_table().predict(table, table.rows[row]);
    EXPECT_EQ(prediction.reason, "");
    return prediction.reason.empty() ? prediction.quantities.at("step_time") : 0;
  }
  std::filesystem::path path = std::filesystem::temp_directory_path() / fmt::format("plenum-proof-{}.json", getpid());
  Issues issues;
};

/// Models of 8 and 24 layers, so narrow that the host's time is what was measured.
std::string narrow(const std::string& kind, int layers, double seconds) {
  return fmt::format(
      R"({{"kind": "{}", "mode": "eager", "precision": "bf16", "model": "narrow-{}", "layers": {}, "hidden": 256,
        "heads": 4, "kv_heads": 2, "ffn": 256, "vocabulary": 128256, "batch": 1, "tokens": 128, "seconds": [{}]}})",
      kind, layers, layers, seconds);
}

TEST_F(ProofTable, MeasuresTheMedianOfTheRepetitions) {
  const auto table = read(run("decode", "graphs", 8));
  ASSERT_TRUE(table);
  const auto row = proof_table().describe(*table, table->rows[0]);
  EXPECT_EQ(row.id, "decode proof-1b bf16 graphs 8x2048");
  EXPECT_EQ(row.quantities[0].measured, 0.2);
  EXPECT_EQ(row.labels.at("mode"), "graphs");
}

TEST_F(ProofTable, ARunThatIsThereTwiceIsAnIssue) {
  EXPECT_FALSE(read(run("decode", "graphs", 8) + "," + run("decode", "graphs", 4) + "," + run("decode", "graphs", 8)));
  ASSERT_EQ(issues.all().size(), 1U);
  EXPECT_EQ(issues.all()[0].pointer, "/runs/2");
  EXPECT_THAT(issues.all()[0].message, HasSubstr("\"decode proof-1b bf16 graphs 8x2048\" is /runs/0 already"));
}

TEST_F(ProofTable, AnyCardThatHasADeviceFileWillDo) {
  auto table = read(run("training", "compiled", 1) + "," + run("decode", "compiled", 1));
  ASSERT_TRUE(table);
  for (auto& row : table->rows) row.cells[*table->column("gpu")] = "L40S";
  EXPECT_GT(predicted(*table, 0), 6 * 1.2e9 * 2048 / 362e12);  // its peak in bf16
  EXPECT_GT(predicted(*table, 1), 2 * 1.2e9 / 864e9);          // its memory bandwidth
}

TEST_F(ProofTable, DecodingReadsWeightsAndCacheAtLeastOnce) {
  const auto table = read(run("decode", "compiled", 1) + "," + run("decode", "compiled", 64));
  ASSERT_TRUE(table);
  const double layer = 2048.0 * (2 * 2048 + 2 * 512 + 3 * 8192), weights = 2 * (16 * layer + 128256.0 * 2048);
  const double cache = 16 * 2 * 2.0 * 8 * 64 * 2048;  // layers x (K, V) x bytes x heads x head dimension x tokens
  EXPECT_GT(predicted(*table, 0), weights / 3.35e12);
  EXPECT_LT(predicted(*table, 0), 3 * weights / 3.35e12);
  EXPECT_GT(predicted(*table, 1), (weights + 64 * cache) / 3.35e12);
}

TEST_F(ProofTable, KernelsThatNothingFusesTakeTheirTime) {
  const auto table = read(run("decode", "compiled", 1) + "," + run("decode", "graphs", 1));
  ASSERT_TRUE(table);
  const double added = predicted(*table, 1) - predicted(*table, 0);
  EXPECT_GT(added, 16 * 37 * 1e-6);  // layers x kernels; no kernel takes less than a microsecond
  EXPECT_LT(added, 16 * 37 * 4e-6);
}

TEST_F(ProofTable, EagerlyTheCardWaitsForTheHost) {
  const auto table =
      read(run("decode", "eager", 1) + "," + narrow("decode", 8, 0.006) + "," + narrow("decode", 24, 0.014) + "," +
           run("training", "eager", 4) + "," + narrow("training", 8, 0.2) + "," + narrow("training", 24, 0.6));
  ASSERT_TRUE(table);
  EXPECT_NEAR(predicted(*table, 0), 0.002 + 16 * 0.0005, 1e-9);
  EXPECT_THAT(proof_table().predict(*table, table->rows[1]).reason, HasSubstr("too narrow"));
  EXPECT_NEAR(predicted(*table, 3), 16 * 0.025, 1e-9);
}

TEST_F(ProofTable, ATrainingStepTakesItsOperationsAtLeast) {
  ASSERT_TRUE(read(run("training", "compiled", 4) + "," + run("training", "eager", 4)));
  const auto validation = validate(
      proof_table(), path, 1, [](auto, auto) {}, issues);
  ASSERT_TRUE(validation);
  ASSERT_EQ(validation->rows.size(), 2U);
  const double parameters = 16 * 2048.0 * (2 * 2048 + 2 * 512 + 3 * 8192) + 128256.0 * 2048;
  for (const auto& row : validation->rows) {
    ASSERT_EQ(row.reason, "");
    EXPECT_GT(*row.quantities[0].predicted, 6 * parameters * 4 * 2048 / 989e12);
    EXPECT_LT(*row.quantities[0].predicted, 6 * parameters * 4 * 2048 / 989e12 * 4);
  }
  EXPECT_GE(*validation->rows[1].quantities[0].predicted, *validation->rows[0].quantities[0].predicted);
}

TEST_F(ProofTable, AFileThatWasCutShortIsRefused) {
  EXPECT_FALSE(read(run("decode", "graphs", 1), false));
  EXPECT_THAT(to_string(issues.all().front()), HasSubstr("was cut short"));
}

TEST_F(ProofTable, AnUnknownModeIsRefusedWithItsPlace) {
  EXPECT_FALSE(read(run("decode", "graph", 1)));
  EXPECT_THAT(to_string(issues.all().front()), HasSubstr("/runs/0/mode"));
}

}  // namespace
}  // namespace plenum::analysis
