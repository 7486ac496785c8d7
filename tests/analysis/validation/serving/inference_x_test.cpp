#include "analysis/validation/serving/inference_x.hpp"

#include <gtest/gtest.h>

#include "analysis/validation/serving/published_row.hpp"
#include "analysis/validation/serving/serving_row.hpp"

namespace plenum::analysis {
namespace {

using test::Cells, test::PublishedRow;

/// A run of InferenceX on one server with 8 requests in flight, unless `cells` say otherwise.
PublishedRow published(Cells cells) {
  cells.merge(Cells{
      {"id", "row"}, {"source", "db-dump 1"}, {"mode", "agg"}, {"concurrency", "8"}, {"isl", "1024"}, {"osl", "1024"}});
  return PublishedRow(cells);
}

/// Largest captured batch of a server of 2,048 sequences whose engine captures 512.
std::int64_t captured(const char* backend, const char* mode, const char* source) {
  const PublishedRow row = published(
      {{"backend", backend}, {"mode", mode}, {"source", source}, {"system", "gb300"}, {"concurrency", "4096"}});
  scenario::BoundServing job;
  job.engine.max_sequences = 2048;
  job.engine.graph_sequences = 512;
  set_server_flags(job, row.cells());
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
    const PublishedRow row({{"backend", backend}, {"backend_version", version}, {"system", system}});
    return serving_engine(row.cells());
  };
  EXPECT_EQ(engine("vllm", "0.18.0", "h200_sxm"), "vllm");
  EXPECT_EQ(engine("vllm", "0.18.0", "b300_sxm"), "vllm-0.11");
  EXPECT_EQ(engine("vllm", "0.19.0", "b300_sxm"), "vllm");
  EXPECT_EQ(engine("vllm", "0.15.0", "h200_sxm"), "vllm-0.11");
  EXPECT_EQ(engine("vllm", "0.16.0", "h200_sxm"), "vllm-0.16");
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
    const PublishedRow row = published({{"model_path", "Qwen/Qwen3-235B-A22B-FP8"},
                                        {"backend", "vllm"},
                                        {"system", "h200_sxm"},
                                        {"isl", "1000"},
                                        {"osl", "100"},
                                        {"source", ""},
                                        {"attention_dp_size", ranks},
                                        {"tp_size", tensor},
                                        {"moe_tp_size", experts}});
    const auto plan = serving_scenario(row.cells()).jobs.front().serving->plan;
    return std::pair(plan.tensor_parallel, plan.attention_data_parallel);
  };
  EXPECT_EQ(gpus("", "2", "4"), std::pair(std::int64_t{2}, std::int64_t{2}));
  EXPECT_EQ(gpus("", "1", "4"), std::pair(std::int64_t{1}, std::int64_t{4}));
  EXPECT_EQ(gpus("", "4", "4"), std::pair(std::int64_t{4}, std::int64_t{1}));
  EXPECT_EQ(gpus("1", "2", "4"), std::pair(std::int64_t{2}, std::int64_t{1}));
}

TEST(InferenceX, RecipesSpreadExpertsOverAttentionRanks) {
  const auto over = [](const char* backend, const char* mode, const char* system, std::int64_t ranks) {
    const PublishedRow row =
        published({{"backend", backend}, {"mode", mode}, {"system", system}, {"precision", "fp4"}, {"isl", "8192"}});
    return experts_spread_over(row.cells(), "prefill_", ranks);
  };
  EXPECT_EQ(over("trtllm", "disagg", "b200_sxm", 8), 8);
  EXPECT_EQ(over("trtllm", "disagg", "b200_sxm", 1), 0);
  EXPECT_EQ(over("trtllm", "agg", "b200_sxm", 8), 0);
  EXPECT_EQ(over("sglang", "disagg", "gb200", 32), 32);
  EXPECT_EQ(over("sglang", "disagg", "gb200", 4), 0);
  EXPECT_EQ(over("sglang", "disagg", "b200_sxm", 8), 0);
}

TEST(InferenceX, LongPromptsInFp8OnB200AreReadWithExpertsThatAreNotSpread) {
  const auto over = [](const char* pool, const char* system, const char* precision, const char* isl) {
    const PublishedRow row = published(
        {{"backend", "trtllm"}, {"mode", "disagg"}, {"system", system}, {"precision", precision}, {"isl", isl}});
    return experts_spread_over(row.cells(), pool, 8);
  };
  EXPECT_EQ(over("prefill_", "b200_sxm", "fp8", "8192"), 1);
  EXPECT_EQ(over("decode_", "b200_sxm", "fp8", "8192"), 8);
  EXPECT_EQ(over("prefill_", "b200_sxm", "fp4", "8192"), 8);
  EXPECT_EQ(over("prefill_", "b200_sxm", "fp8", "1024"), 8);
  EXPECT_EQ(over("prefill_", "gb300", "fp8", "8192"), 8);
}

TEST(InferenceX, DecodeServersAreBuiltForTheirRecipesConcurrency) {
  const auto batch = [](const char* precision, const char* concurrency) {
    const PublishedRow row = published({{"backend", "trtllm"},
                                        {"mode", "disagg"},
                                        {"precision", precision},
                                        {"concurrency", concurrency},
                                        {"decode_num_workers", "2"}});
    return decode_batch(row.cells(), 64);
  };
  EXPECT_EQ(batch("fp4", "8"), 32);
  EXPECT_EQ(batch("fp8", "8"), 4);
  EXPECT_EQ(batch("fp8", "64"), 32);
}

TEST(InferenceX, SplitServersOfVllmAttendByRanks) {
  const auto ranks = [](const char* backend, const char* pool, const char* workers) {
    const PublishedRow row = published({{"backend", backend}, {"mode", "disagg"}, {"decode_num_workers", workers}});
    Issues issues;
    workload::ServingPlan plan;
    plan.tensor_parallel = 8;
    set_chosen_by_scripts(plan, row.cells(), pool, *workload::find_model("Kimi-K2.5", issues));
    EXPECT_EQ(plan.gpus(), 8);
    return plan.attention_data_parallel;
  };
  EXPECT_EQ(ranks("vllm", "prefill_", "4"), 8);
  EXPECT_EQ(ranks("vllm", "decode_", "1"), 8);
  EXPECT_EQ(ranks("vllm", "decode_", "4"), 1);
  EXPECT_EQ(ranks("trtllm", "prefill_", "4"), 1);
}

/// A run of SGLang, split unless the mode says otherwise.
PublishedRow sglang_row(const char* version, const char* system, const char* tensor, const char* ranks,
                        const char* mode = "disagg") {
  return published({{"backend", "sglang"},
                    {"backend_version", version},
                    {"mode", mode},
                    {"system", system},
                    {"decode_num_workers", "2"},
                    {"decode_tp_size", tensor},
                    {"decode_attention_dp_size", ranks}});
}

/// Attention ranks of a pool of four GPUs that a row calls attention ranks, where decode servers have so many.
std::int64_t ranks_of_sglang(const char* version, const char* system, const char* decoding, const char* pool) {
  const PublishedRow row = sglang_row(version, system, "1", decoding);
  Issues issues;
  workload::ServingPlan plan;
  plan.attention_data_parallel = 4;
  set_chosen_by_scripts(plan, row.cells(), pool, *workload::find_model("DeepSeekV3", issues));
  EXPECT_EQ(plan.gpus(), 4);
  return plan.attention_data_parallel;
}

TEST(InferenceX, ServersOfSglangForFewRequestsAreTensorParallel) {
  for (const char* pool : {"prefill_", "decode_"}) {
    EXPECT_EQ(ranks_of_sglang("0.5.5.post2", "gb200", "4", pool), 1);
    EXPECT_EQ(ranks_of_sglang("0.5.5.post2", "gb200", "32", pool), 4);
    EXPECT_EQ(ranks_of_sglang("0.5.8", "gb200", "4", pool), 4);
    EXPECT_EQ(ranks_of_sglang("0.5.5.post2", "b200_sxm", "4", pool), 4);
  }
}

TEST(InferenceX, AttentionOfFp4CheckpointsRunsInFp8WhereTheRecipeSaysSo) {
  const auto inputs = [](const char* system, const char* mode, const char* decoding) {
    return attention_inputs(sglang_row("0.5.5.post2", system, "1", decoding, mode).cells());
  };
  EXPECT_EQ(inputs("gb200", "disagg", "32"), workload::AttentionInputs::fp8_queries);
  EXPECT_EQ(inputs("gb300", "disagg", "32"), workload::AttentionInputs::fp8_queries);
  EXPECT_EQ(inputs("gb200", "disagg", "4"), workload::AttentionInputs::bf16);
  EXPECT_EQ(inputs("gb200", "disagg", "1"), workload::AttentionInputs::bf16);
  EXPECT_EQ(inputs("gb200", "agg", "32"), workload::AttentionInputs::bf16);
  EXPECT_EQ(inputs("b200_sxm", "disagg", "8"), workload::AttentionInputs::bf16);
}

TEST(InferenceX, ServersForFewRequestsLookForMoreEveryTenSteps) {
  const auto interval = [](const char* system, const char* tensor, const char* ranks) {
    scenario::BoundServing job;
    set_server_flags(job, sglang_row("0.5.5.post2", system, tensor, ranks).cells());
    return job.engine.receive_interval;
  };
  EXPECT_EQ(interval("gb200", "8", "1"), 10);
  EXPECT_EQ(interval("gb200", "1", "4"), 10);
  EXPECT_EQ(interval("gb200", "1", "32"), 1);
  EXPECT_EQ(interval("b200_sxm", "8", "1"), 1);
}

/// A run of SGLang on four GPUs with 8 requests in flight.
scenario::ServingJob sglang(const char* model, const char* version, const char* system, const char* precision,
                            const char* experts) {
  const PublishedRow row = published({{"model_path", model},
                                      {"backend", "sglang"},
                                      {"backend_version", version},
                                      {"system", system},
                                      {"precision", precision},
                                      {"isl", "8192"},
                                      {"tp_size", "4"},
                                      {"moe_ep_size", experts}});
  return *serving_scenario(row.cells()).jobs.front().serving;
}

// 35,921 tokens of the server for 7,140 of the client.
TEST(InferenceX, ServersReadMoreThanTheClientCounted) {
  const auto longest = [](const char* model, const char* version) {
    return sglang(model, version, "b300_sxm", "fp4", "4").requests.prompt.tokens;
  };
  EXPECT_EQ(longest("deepseek-ai/DeepSeek-R1", "0.5.10.post1"), 41214);
  EXPECT_EQ(longest("deepseek-ai/DeepSeek-R1", "0.5.9"), 8192);
  EXPECT_EQ(longest("deepseek-ai/DeepSeek-R1", "0.5.1-rc0.pre1"), 8192);
  EXPECT_EQ(longest("deepseek-ai/DeepSeek-R1", "0.5.12"), 8192);
  EXPECT_EQ(longest("Qwen/Qwen3.5-397B-A17B-FP8", "0.5.10.post1"), 8192);
}

TEST(InferenceX, QwenInFp8DraftsOnFourBlackwells) {
  const auto drafts = [](const char* version, const char* system, const char* precision, const char* experts) {
    return sglang("Qwen/Qwen3.5-397B-A17B-FP8", version, system, precision, experts).options.speculation.has_value();
  };
  EXPECT_TRUE(drafts("0.5.9", "b200_sxm", "fp8", "1"));
  EXPECT_TRUE(drafts("0.5.9", "b300_sxm", "fp8", "1"));
  EXPECT_FALSE(drafts("0.5.9", "b200_sxm", "fp8", "4"));
  EXPECT_FALSE(drafts("0.5.10.post1", "b300_sxm", "fp8", "1"));
  EXPECT_FALSE(drafts("0.5.9", "h200_sxm", "fp8", "1"));
}

TEST(InferenceX, ScriptsSayInWhatFormatStatesAreKept) {
  const auto state = [](const char* version, const char* system, const char* precision, const char* experts) {
    return sglang("Qwen/Qwen3.5-397B-A17B-FP8", version, system, precision, experts).plan.state;
  };
  EXPECT_EQ(state("0.5.9", "b200_sxm", "fp8", "1"), Precision::bf16);
  EXPECT_EQ(state("0.5.9", "b200_sxm", "fp8", "4"), Precision::fp32);
  EXPECT_EQ(state("0.5.9", "h200_sxm", "fp8", "4"), Precision::bf16);
  EXPECT_EQ(state("0.5.10.post1", "b300_sxm", "fp8", "1"), Precision::bf16);
  EXPECT_EQ(state("0.5.10.post1", "b300_sxm", "fp4", "1"), Precision::bf16);
  EXPECT_EQ(state("0.5.10.post1", "b300_sxm", "bf16", "1"), Precision::fp32);
}

// NVIDIA's second FP4 checkpoint of DeepSeek keeps queries, keys and values in bf16, the others all of attention.
TEST(InferenceX, Fp4CheckpointsLeaveAttentionInBf16) {
  const auto plan = [](const char* model, const char* source) {
    const PublishedRow row = published({{"model_path", model},
                                        {"backend", "sglang"},
                                        {"system", "b300_sxm"},
                                        {"source", source},
                                        {"gemm_quant_mode", "nvfp4"},
                                        {"moe_quant_mode", "nvfp4"},
                                        {"tp_size", "8"}});
    return serving_scenario(row.cells()).jobs.front().serving->plan;
  };
  const auto second = plan("deepseek-ai/DeepSeek-V3", "db-dump 1");
  EXPECT_EQ(second.precision, Precision::nvfp4);
  EXPECT_EQ(second.attention_input(), Precision::bf16);
  EXPECT_EQ(plan("deepseek-ai/DeepSeek-V3", "somebody else's").precision, Precision::bf16);
  EXPECT_EQ(plan("Qwen/Qwen3.5-397B-A17B", "db-dump 1").precision, Precision::bf16);
  EXPECT_EQ(second.expert_precision, Precision::nvfp4);
}

TEST(InferenceX, ScriptsSayWhoseProductsRun) {
  const auto by_flashinfer = [](const char* model, const char* version, const char* system, const char* precision) {
    const PublishedRow row =
        published({{"backend", "sglang"}, {"system", system}, {"backend_version", version}, {"precision", precision}});
    Issues issues;
    scenario::BoundServing job;
    job.model = *workload::find_model(model, issues);
    set_server_flags(job, row.cells());
    return job.engine.flashinfer_products;
  };
  EXPECT_TRUE(by_flashinfer("DeepSeekV3", "0.5.10.post1", "b300_sxm", "fp8"));
  EXPECT_FALSE(by_flashinfer("DeepSeekV3", "0.5.9", "b200_sxm", "fp4"));
  EXPECT_FALSE(by_flashinfer("DeepSeekV3", "0.5.9", "h200_sxm", "fp8"));
  EXPECT_TRUE(by_flashinfer("Qwen3.5-397B-A17B", "0.5.9", "b200_sxm", "fp8"));
  EXPECT_FALSE(by_flashinfer("Qwen3.5-397B-A17B", "0.5.10.post1", "b300_sxm", "fp8"));
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
  const PublishedRow row = published({{"backend", "trtllm"},
                                      {"system", run.system},
                                      {"backend_version", run.version},
                                      {"precision", run.precision},
                                      {"concurrency", run.concurrency},
                                      {"isl", run.isl},
                                      {"osl", run.osl}});
  Issues issues;
  workload::ServingPlan plan;
  plan.tensor_parallel = 8;
  set_chosen_by_scripts(plan, row.cells(), "", *workload::find_model("DeepSeekV3", issues));
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
  const PublishedRow row =
      published({{"backend", "trtllm"}, {"system", "h200_sxm"}, {"backend_version", "gpt-oss-dev"}});
  Issues issues;
  workload::ServingPlan plan;
  plan.tensor_parallel = plan.expert_parallel = 4;
  set_chosen_by_scripts(plan, row.cells(), "", *workload::find_model("GPT-OSS-120B", issues));
  EXPECT_EQ(plan.expert_parallel, 1);
}

}  // namespace
}  // namespace plenum::analysis
