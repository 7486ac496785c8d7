#include "analysis/validation/serving/inference_x.hpp"

#include <gtest/gtest.h>

namespace plenum::analysis {
namespace {

/// Largest captured batch of a server of 2,048 sequences whose engine captures 512.
std::int64_t captured(const char* backend, const char* mode, const char* source) {
  CsvTable table;
  table.columns = {"backend", "mode", "source", "system", "concurrency", "isl", "osl"};
  table.rows = {{2, {backend, mode, source, "gb300", "4096", "1024", "1024"}}};
  scenario::BoundServing job;
  job.engine.max_sequences = 2048;
  job.engine.graph_sequences = 512;
  set_server_flags(job, RowCells(table, table.rows.front()));
  return job.engine.graph_sequences;
}

TEST(InferenceX, DecodeServersOfSplitDeploymentsCaptureEveryBatch) {
  EXPECT_EQ(captured("sglang", "disagg", "db-dump 1"), 2048);
  EXPECT_EQ(captured("trtllm", "disagg", "db-dump 1"), 2048);
  EXPECT_EQ(captured("vllm", "disagg", "db-dump 1"), 512);
  EXPECT_EQ(captured("sglang", "agg", "db-dump 1"), 512);
  EXPECT_EQ(captured("sglang", "disagg", "somebody else's"), 512);
}

TEST(InferenceX, RecipesSpreadExpertsOverAttentionRanks) {
  const auto spread = [](const char* backend, const char* mode, const char* system, std::int64_t ranks) {
    CsvTable table;
    table.columns = {"backend", "mode", "source", "system"};
    table.rows = {{2, {backend, mode, "db-dump 1", system}}};
    return spreads_experts(RowCells(table, table.rows.front()), ranks);
  };
  EXPECT_TRUE(spread("trtllm", "disagg", "b200_sxm", 8));
  EXPECT_FALSE(spread("trtllm", "disagg", "b200_sxm", 1));
  EXPECT_FALSE(spread("trtllm", "agg", "b200_sxm", 8));
  EXPECT_TRUE(spread("sglang", "disagg", "gb200", 32));
  EXPECT_FALSE(spread("sglang", "disagg", "gb200", 4));
  EXPECT_FALSE(spread("sglang", "disagg", "b200_sxm", 8));
}

}  // namespace
}  // namespace plenum::analysis
