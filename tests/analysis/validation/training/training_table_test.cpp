// A row of the training table is a scenario by one rule for all rows.
#include "analysis/validation/training/training_table.hpp"

#include <gmock/gmock.h>

#include <map>
#include <stdexcept>

namespace plenum::analysis {
namespace {

using Cells = std::map<std::string, std::string>;

CsvTable table_of(const Cells& cells) {
  CsvTable table;
  table.rows.emplace_back();
  for (const auto& [column, cell] : cells) {
    table.columns.push_back(column);
    table.rows[0].cells.push_back(cell);
  }
  return table;
}

Cells llama_row() {
  return {{"id", "T-1"},
          {"model", "LLAMA3-70B"},
          {"arch", "dense"},
          {"phase", "pretrain"},
          {"gpu", "H100"},
          {"n_gpus", "64"},
          {"gpus_per_node", "8"},
          {"tp", "4"},
          {"pp", "4"},
          {"vpp", "5"},
          {"gbs_sequences", "128"},
          {"seq_len_tokens", "8192"},
          {"layers", "80"},
          {"hidden", "8192"},
          {"heads", "64"},
          {"precision", "BF16"},
          {"family", "test"},
          {"recompute", "selective"},
          {"note", "recompute full, mbs 4"}};
}

Cells with(Cells cells, const Cells& changes) {
  for (const auto& [column, cell] : changes) cells[column] = cell;
  return cells;
}

scenario::Scenario scenario_from(const Cells& cells) {
  const auto table = table_of(cells);
  std::string reason;
  auto scenario = scenario_of(table, table.rows[0], reason);
  if (!scenario) throw std::runtime_error(reason);
  return std::move(*scenario);
}

scenario::TrainingJob job_from(const Cells& cells) { return *scenario_from(cells).jobs.at(0).training; }

std::string reason_of(const Cells& cells) {
  const auto table = table_of(cells);
  std::string reason;
  EXPECT_FALSE(scenario_of(table, table.rows[0], reason));
  return reason;
}

std::optional<double> measured(const Cells& cells) {
  const auto table = table_of(cells);
  return measured_step_time(table, table.rows[0]);
}

TEST(MeasuredStepTime, IsTheFirstThatIsStated) {
  const Cells rate{{"gbs_sequences", "8"},
                   {"seq_len_tokens", "100"},
                   {"n_gpus", "4"},
                   {"tokens_per_s_per_gpu", "50"},
                   {"derived_iter_time_s", "9"}};
  EXPECT_EQ(measured(with(rate, {{"iter_time_s", "7"}})), 7);
  EXPECT_EQ(measured(rate), 4);  // 800 tokens at 200/s
  EXPECT_EQ(measured(with(rate, {{"n_gpus", ""}})), 9);
  EXPECT_EQ(measured({{"gbs_sequences", "8"}}), std::nullopt);
}

TEST(TrainingRow, StatedPlanIsTaken) {
  const auto job = job_from(llama_row());
  EXPECT_EQ(job.gpus, 64);
  EXPECT_EQ(job.plan.tensor_parallel, 4);
  EXPECT_EQ(job.plan.pipeline_parallel, 4);
  EXPECT_EQ(job.plan.virtual_stages, 5);
  EXPECT_EQ(job.plan.micro_batch, 1);
  EXPECT_EQ(job.plan.recompute, workload::Recompute::selective);
  EXPECT_EQ(job.plan.sharding, workload::Sharding::optimizer);
  EXPECT_TRUE(job.plan.flash_attention);
}

TEST(TrainingRow, MissingDimensionsComeFromTheModelsName) {
  const auto model = *job_from(with(llama_row(), {{"layers", "40"}})).model;
  EXPECT_EQ(model.layers, 40);  // the row's own come first
  EXPECT_EQ(model.kv_heads, 8);
  EXPECT_EQ(model.ffn, 28672);
}

TEST(TrainingRow, UnknownModelsFollowTheArchitecturesRule) {
  const auto gpt = *job_from(with(llama_row(), {{"model", "Nobody-9B"}})).model;
  EXPECT_EQ(gpt.ffn, 4 * 8192);
  EXPECT_EQ(gpt.kv_heads, 64);
  EXPECT_FALSE(gpt.gated_mlp);
  const auto llama = *job_from(with(llama_row(), {{"model", "Nobody-9B"}, {"kv_heads", "8"}, {"ffn", "28672"}})).model;
  EXPECT_TRUE(llama.gated_mlp);
  EXPECT_EQ(reason_of(with(llama_row(), {{"model", "Nobody-9B"}, {"layers", ""}})),
            "\"Nobody-9B\" is not in the catalogue and the table states no layers");
}

TEST(TrainingRow, PrecisionNames) {
  const std::map<std::string, Precision> names{
      {"", Precision::bf16},           {"BF16 mixed", Precision::bf16},
      {"FP16 mixed", Precision::fp16}, {"amp_fp8", Precision::fp8},
      {"FP8-CS", Precision::fp8},      {"FP8 rowwise", Precision::fp8},
      {"MXFP8", Precision::mxfp8},     {"FP8-MX", Precision::mxfp8},
      {"NVFP4", Precision::nvfp4},     {"FP8 subchannel", Precision::fp8_block}};
  for (const auto& [text, precision] : names)
    EXPECT_EQ(job_from(with(llama_row(), {{"precision", text}})).plan.precision, precision) << text;
}

TEST(TrainingRow, PrecisionThatIsNotStatedFollowsTheGpu) {
  EXPECT_EQ(job_from(with(llama_row(), {{"precision", ""}, {"gpu", "B200"}})).plan.precision, Precision::fp8);
  EXPECT_EQ(job_from(with(llama_row(), {{"precision", "BF16"}, {"gpu", "B200"}})).plan.precision, Precision::bf16);
}

TEST(TrainingRow, PrecisionThatIsNotStatedFollowsTheRoundOfMlperf) {
  const auto precision = [](const std::string& gpu, const std::string& date) {
    return job_from(with(llama_row(), {{"precision", ""}, {"gpu", gpu}, {"date", date}})).plan.precision;
  };
  EXPECT_EQ(precision("H100", "MLPerf Training v5.0"), Precision::fp8);
  EXPECT_EQ(precision("H100", "2025"), Precision::bf16);
  EXPECT_EQ(precision("B200", "MLPerf Training v5.0"), Precision::fp8);
  EXPECT_EQ(precision("B200", "MLPerf Training v5.1"), Precision::nvfp4);
}

TEST(TrainingRow, GradientsAreReducedAsTheSoftwareDoes) {
  const auto precision = [](const Cells& cells) { return job_from(with(llama_row(), cells)).plan.gradient_precision; };
  EXPECT_EQ(precision({}), Precision::fp32);
  EXPECT_EQ(precision({{"precision", "FP8"}}), Precision::bf16);
  EXPECT_EQ(precision({{"precision", "FP16 mixed"}}), Precision::bf16);
  EXPECT_EQ(precision({{"software", "NeMo container 26.04"}}), Precision::bf16);
}

/// torchao's under FSDP 2, compiled; Transformer Engine's under FSDP 1, which speaks of strategies, and in NeMo.
TEST(TrainingRow, CastsFollowTheSoftware) {
  using workload::Casts;
  const auto plan = [](const Cells& cells) {
    return job_from(with(llama_row(), with({{"tp", "1"}, {"pp", "1"}, {"vpp", ""}, {"precision", "FP8"}}, cells))).plan;
  };
  const auto torchao = plan({{"fsdp_shards", "64"}, {"software", "2D"}});
  EXPECT_EQ(torchao.casts, Casts::per_operand);
  EXPECT_TRUE(torchao.fused_kernels);
  EXPECT_EQ(torchao.gradient_precision, Precision::fp32);
  EXPECT_EQ(plan({{"fsdp_shards", "64"}, {"software", "2D"}, {"precision", "FP8 rowwise"}}).casts, Casts::per_use);
  EXPECT_EQ(plan({{"zero_or_dist_opt", "FSDP FULL_SHARD"}}).casts, Casts::cached);
  EXPECT_EQ(plan({{"software", "NeMo container 26.04"}, {"fsdp_shards", "64"}}).casts, Casts::cached);
  EXPECT_EQ(plan({{"fsdp_shards", "64"}, {"software", "2D"}, {"precision", "BF16"}}).casts, Casts::cached);
}

TEST(TrainingRow, PipelinesUnderFsdpHaveAsManyMicroBatchesAsRanks) {
  const Cells pipeline{{"n_gpus", "512"},
                       {"tp", "8"},
                       {"pp", "8"},
                       {"vpp", ""},
                       {"dp", "8"},
                       {"fsdp_shards", "8"},
                       {"mbs", ""},
                       {"gbs_sequences", "256"},
                       {"software", "Interleaved 1F1B"}};
  const auto plan = job_from(with(llama_row(), pipeline)).plan;
  EXPECT_EQ(plan.micro_batch, 4);
  EXPECT_EQ(plan.micro_batches(), 8);
  EXPECT_EQ(plan.virtual_stages, 2);
  EXPECT_EQ(plan.sharding, workload::Sharding::gradients);
}

TEST(TrainingRow, ShardingFollowsTheTable) {
  using workload::Sharding;
  const auto sharding = [](const std::string& text, const std::string& shards, const std::string& precision = "BF16") {
    return job_from(with(llama_row(),
                         {{"zero_or_dist_opt", text}, {"fsdp_shards", shards}, {"precision", precision}, {"mbs", "1"}}))
        .plan.sharding;
  };
  EXPECT_EQ(sharding("", "64"), Sharding::parameters);
  EXPECT_EQ(sharding("", "0"), Sharding::optimizer);
  EXPECT_EQ(sharding("", "", "FP16 mixed"), Sharding::none);
  EXPECT_EQ(sharding("FSDP SHARD_GRAD_OP DEFAULT", "64"), Sharding::gradients);
  EXPECT_EQ(sharding("FSDP FULL_SHARD PURE", ""), Sharding::parameters);
  EXPECT_EQ(sharding("distributed optimizer, overlapped", ""), Sharding::optimizer);
  EXPECT_EQ(sharding("none", ""), Sharding::none);
}

TEST(TrainingRow, ClusterFollowsGpuAndNode) {
  const auto scenario = scenario_from(with(llama_row(), {{"gpu", "GB200"}, {"gpus_per_node", "4"}}));
  EXPECT_EQ(scenario.cluster.nodes, 16);
  EXPECT_EQ(scenario.cluster.node.gpus, 4);
  EXPECT_EQ(scenario.cluster.node.nvlink_domain_nodes, 18);
}

TEST(TrainingRow, WithoutAPlanTheFastestThatFitsIsTaken) {
  const Cells unstated = with(llama_row(), {{"tp", ""}, {"pp", ""}, {"vpp", ""}, {"recompute", ""}});
  const auto ranks = [](const Cells& cells) { return job_from(cells).plan.ranks_per_replica(); };
  EXPECT_GE(ranks(unstated), 8);
  EXPECT_LE(ranks(with(unstated, {{"model", "LLAMA3-8B"}, {"layers", ""}, {"hidden", ""}, {"heads", ""}})), 4);
}

TEST(TrainingRow, NotesDecideNothing) {
  EXPECT_EQ(job_from(llama_row()).plan.recompute, job_from(with(llama_row(), {{"note", ""}})).plan.recompute);
  EXPECT_EQ(job_from(llama_row()).plan.micro_batch, 1);
}

TEST(TrainingRow, StatesExpertsAndTheirRanks) {
  const Cells mixture = with(llama_row(), {{"arch", "moe"}, {"n_experts", "16"}, {"topk", "2"}, {"ep", "4"}});
  const auto job = job_from(mixture);
  ASSERT_TRUE(job.model->experts);
  EXPECT_EQ(job.model->experts->count, 16);
  EXPECT_EQ(job.model->experts->ffn, job.model->ffn);
  EXPECT_EQ(job.plan.expert_parallel, 4);
}

TEST(TrainingRow, ExchangesBeyondTheDomainRunBesideOtherWorkWhereChunksInterleave) {
  const auto overlaps = [](const Cells& cells) {
    const Cells mixture = with(llama_row(), {{"arch", "moe"}, {"n_experts", "16"}, {"topk", "2"}, {"etp", "1"}});
    return job_from(with(mixture, cells)).plan.overlap_experts;
  };
  EXPECT_FALSE(overlaps({{"ep", "8"}}));
  EXPECT_TRUE(overlaps({{"ep", "16"}}));
  EXPECT_FALSE(overlaps({{"ep", "16"}, {"vpp", ""}}));
}

TEST(TrainingRow, FineTuningPacksSamples) {
  const auto window = [](const Cells& cells) { return job_from(with(llama_row(), cells)).model->window; };
  EXPECT_EQ(window({}), 0);
  EXPECT_GT(window({{"phase", "sft"}}), 0);
  EXPECT_EQ(window({{"phase", "lora-finetune"}, {"date", "MLPerf Training v5.0"}}), 0);
}

TEST(TrainingRow, AdaptersAreTrainedAlone) {
  EXPECT_EQ(job_from(with(llama_row(), {{"phase", "lora-finetune"}})).plan.adapter_rank, 16);
  EXPECT_EQ(job_from(llama_row()).plan.adapter_rank, 0);
}

TEST(TrainingRow, ReasonsAreTold) {
  EXPECT_EQ(reason_of(with(llama_row(), {{"arch", "dense-multimodal"}})),
            "the table states neither the vision encoder nor the images of a sequence");
  EXPECT_EQ(reason_of(with(llama_row(), {{"model", "Unheard-of"}, {"arch", "mamba-hybrid"}})),
            "\"Unheard-of\", of architecture \"mamba-hybrid\", is not in the catalogue");
  EXPECT_EQ(reason_of(with(llama_row(), {{"gpu", "TPU-v4"}})), "no calibration for GPU \"TPU-v4\"");
  EXPECT_EQ(reason_of(with(llama_row(), {{"gbs_sequences", ""}})), "the table states no gbs_sequences");
  EXPECT_EQ(reason_of(with(llama_row(), {{"tp", "two"}})), "tp: \"two\" is not a number of at least 0");
  EXPECT_EQ(reason_of(with(llama_row(), {{"n_gpus", "8.5"}})), "n_gpus: \"8.5\" is not a whole number");
}

TEST(TrainingRow, LabelsAndCompleteness) {
  auto table = table_of(llama_row());
  auto row = training_table().describe(table, table.rows[0]);
  EXPECT_EQ(row.id, "T-1");
  EXPECT_EQ(row.labels.at("scale"), "up to 64 GPUs");
  EXPECT_EQ(row.labels.at("completeness"), "complete");
  table = table_of(with(llama_row(), {{"pp", ""}, {"n_gpus", "many"}}));
  row = training_table().describe(table, table.rows[0]);
  EXPECT_EQ(row.labels.at("scale"), "(incomplete)");
  EXPECT_EQ(row.labels.at("completeness"), "incomplete");
}

}  // namespace
}  // namespace plenum::analysis
