#include "analysis/validation/serving/inference_x.hpp"

#include <gtest/gtest.h>

#include "analysis/validation/serving/serving_row.hpp"

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

TEST(ServingRow, EnginesAreNamedByTheirVersion) {
  const auto engine = [](const char* backend, const char* version, const char* system) {
    CsvTable table;
    table.columns = {"backend", "backend_version", "system"};
    table.rows = {{2, {backend, version, system}}};
    return serving_engine(RowCells(table, table.rows.front()));
  };
  EXPECT_EQ(engine("vllm", "0.18.0", "h200_sxm"), "vllm");
  EXPECT_EQ(engine("vllm", "0.18.0", "b300_sxm"), "vllm-0.11");
  EXPECT_EQ(engine("vllm", "0.19.0", "b300_sxm"), "vllm");
  EXPECT_EQ(engine("vllm", "0.16.0", "h200_sxm"), "vllm-0.11");
  EXPECT_EQ(engine("vllm", "0.12.0", "h200_sxm"), "vllm-0.12");
  EXPECT_EQ(engine("vllm", "v0.19.0", "h200_sxm"), "vllm");
  EXPECT_EQ(engine("vllm", "1.0.0", "b300_sxm"), "vllm");
  EXPECT_EQ(engine("vllm", "", "h100_sxm"), "vllm-0.11");
  EXPECT_EQ(engine("vllm", "nightly-5b8c", "b300_sxm"), "vllm-0.11");
  EXPECT_EQ(engine("trtllm", "", "h100_sxm"), "tensorrt-llm-1.1");
  EXPECT_EQ(engine("trtllm", "1.2.0", "b200_sxm"), "tensorrt-llm");
}

TEST(ServingRow, ExpertsTellHowManyRanksAttendWhereTheRowDoesNot) {
  const auto gpus = [](const char* ranks, const char* tensor, const char* experts) {
    CsvTable table;
    table.columns = {"id",  "model_path", "backend",           "system",  "concurrency", "isl",
                     "osl", "source",     "attention_dp_size", "tp_size", "moe_tp_size"};
    table.rows = {
        {2, {"row", "Qwen/Qwen3-235B-A22B-FP8", "vllm", "h200_sxm", "8", "1000", "100", "", ranks, tensor, experts}}};
    const auto plan = serving_scenario(RowCells(table, table.rows.front())).jobs.front().serving->plan;
    return std::pair(plan.tensor_parallel, plan.attention_data_parallel);
  };
  EXPECT_EQ(gpus("", "2", "4"), std::pair(std::int64_t{2}, std::int64_t{2}));
  EXPECT_EQ(gpus("", "1", "4"), std::pair(std::int64_t{1}, std::int64_t{4}));
  EXPECT_EQ(gpus("", "4", "4"), std::pair(std::int64_t{4}, std::int64_t{1}));
  EXPECT_EQ(gpus("1", "2", "4"), std::pair(std::int64_t{2}, std::int64_t{1}));
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

struct Server {
  const char* system;
  const char* version;
  const char* precision;
  const char* concurrency;
  const char* isl;
  const char* osl;
};

/// On eight GPUs, where the row knows of tensor parallelism alone.
workload::ServingPlan as_run(const Server& run) {
  CsvTable table;
  table.columns = {"backend", "mode", "source", "system", "backend_version", "precision", "concurrency", "isl", "osl"};
  table.rows = {
      {2, {"trtllm", "agg", "db-dump 1", run.system, run.version, run.precision, run.concurrency, run.isl, run.osl}}};
  Issues issues;
  workload::ServingPlan plan;
  plan.tensor_parallel = 8;
  set_chosen_by_scripts(plan, RowCells(table, table.rows.front()), *workload::find_model("DeepSeekV3", issues));
  return plan;
}

TEST(InferenceX, ScriptsOfNovember2025ChoseAttentionRanks) {
  const auto ranks = [](const Server& run) { return as_run(run).attention_data_parallel; };
  EXPECT_EQ(ranks({"b200_sxm", "", "fp4", "128", "1024", "8192"}), 1);
  EXPECT_EQ(ranks({"b200_sxm", "", "fp4", "256", "1024", "8192"}), 8);
  EXPECT_EQ(ranks({"b200_sxm", "", "fp4", "64", "8192", "1024"}), 8);
  EXPECT_EQ(ranks({"b200_sxm", "", "fp8", "64", "8192", "1024"}), 1);
  EXPECT_EQ(ranks({"b200_sxm", "", "fp8", "64", "1024", "1024"}), 8);
  EXPECT_EQ(ranks({"h200_sxm", "", "fp8", "64", "8192", "1024"}), 8);
  EXPECT_EQ(ranks({"h200_sxm", "", "fp8", "64", "1024", "1024"}), 1);
  EXPECT_EQ(ranks({"b200_sxm", "1.2.0rc6.post2", "fp4", "256", "1024", "8192"}), 1);
  EXPECT_EQ(as_run({"b200_sxm", "", "fp4", "256", "1024", "8192"}).gpus(), 8);
}

TEST(InferenceX, ScriptsOfNovember2025ChoseWhetherToSpreadExperts) {
  const auto spread = [](const Server& run) { return as_run(run).expert_parallel; };
  EXPECT_EQ(spread({"b200_sxm", "", "fp8", "4", "1024", "1024"}), 8);
  EXPECT_EQ(spread({"b200_sxm", "", "fp4", "8", "1024", "1024"}), 1);
  EXPECT_EQ(spread({"b200_sxm", "", "fp4", "16", "1024", "1024"}), 8);
  EXPECT_EQ(spread({"b200_sxm", "", "fp4", "16", "1024", "8192"}), 1);
  EXPECT_EQ(spread({"b200_sxm", "", "fp4", "32", "8192", "1024"}), 1);
}

TEST(InferenceX, TritonsExpertsAreSplitOnHopper) {
  CsvTable table;
  table.columns = {"backend", "mode", "source", "system", "backend_version"};
  table.rows = {{2, {"trtllm", "agg", "db-dump 1", "h200_sxm", "gpt-oss-dev"}}};
  Issues issues;
  workload::ServingPlan plan;
  plan.tensor_parallel = plan.expert_parallel = 4;
  set_chosen_by_scripts(plan, RowCells(table, table.rows.front()), *workload::find_model("GPT-OSS-120B", issues));
  EXPECT_EQ(plan.expert_parallel, 1);
}

}  // namespace
}  // namespace plenum::analysis
