// Megatron-LM's options as plans: its defaults, scripts, and what is wrong or unknown, with its place.
#include <gmock/gmock.h>

#include "workloads/import/imported_job.hpp"

namespace plenum::workload {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> told(const Issues& issues) {
  std::vector<std::string> texts;
  for (const auto& issue : issues.all()) texts.push_back(to_string(issue));
  return texts;
}

const std::string least =
    "--num-layers 32 --hidden-size 4096 --num-attention-heads 32 --seq-length 4096 --vocab-size 32000 --bf16 ";

ImportedJob import(const std::string& text) {
  Issues issues;
  auto job = import_megatron(text, "options", issues);
  EXPECT_TRUE(job) << (issues.all().empty() ? "" : to_string(issues.all().front()));
  return job.value_or(ImportedJob{});
}

TEST(Megatron, HasItsDefaults) {
  const auto job = import(least);
  EXPECT_EQ(job.model->ffn, 4 * 4096);
  EXPECT_TRUE(job.model->tied_embeddings && job.model->biases && job.model->learned_positions && !job.model->gated_mlp);
  EXPECT_EQ(job.model->norm, Norm::layer_norm);
  EXPECT_TRUE(job.plan.dropout);
  EXPECT_EQ(job.plan.sharding, Sharding::none);
  EXPECT_FALSE(job.plan.sequence_parallel);
  EXPECT_EQ(job.batch_per_rank, 1);
  EXPECT_EQ(import(least + "--swiglu").model->ffn, 10880);  // int(4 x 4096 x 2/3) in multiples of 64
}

TEST(Megatron, ReadsAPlan) {
  const auto job =
      import(least +
             "--tensor-model-parallel-size 8 --pipeline-model-parallel-size=4 --sequence-parallel "
             "--num-layers-per-virtual-pipeline-stage 2 --context-parallel-size 2 --global-batch-size 512 "
             "--use-distributed-optimizer --overlap-grad-reduce --recompute-granularity full "
             "--recompute-method block --recompute-num-layers 3 --fp8-format hybrid --use-tp-pp-dp-mapping "
             "--group-query-attention --num-query-groups 8 --attention-dropout 0 --hidden-dropout 0.0");
  const auto& plan = job.plan;
  EXPECT_EQ(plan.tensor_parallel, 8);
  EXPECT_EQ(plan.pipeline_parallel, 4);
  EXPECT_EQ(plan.virtual_stages, 4);
  EXPECT_EQ(plan.context_parallel, 2);
  EXPECT_EQ(plan.global_batch, 512);
  EXPECT_EQ(plan.recompute, Recompute::full);
  EXPECT_EQ(plan.recompute_layers, 3);
  EXPECT_EQ(plan.precision, Precision::fp8);
  EXPECT_EQ(plan.order, RankOrder::tp_cp_pp_dp);
  EXPECT_EQ(job.model->kv_heads, 8);
  EXPECT_TRUE(plan.overlap_data && plan.sequence_parallel && !plan.dropout);
}

TEST(Megatron, ReadsRecomputedModules) {
  const auto modules = [](const std::string& text) {
    const auto plan = import(least + "--num-experts 8 --multi-latent-attention " + text).plan;
    EXPECT_EQ(plan.recompute, Recompute::modules);
    return plan.recompute_modules.value_or(RecomputeModules{});
  };
  const auto cheap = modules("--recompute-granularity selective --recompute-modules layernorm moe_act mla_up_proj");
  EXPECT_TRUE(cheap.layernorm && cheap.moe_act && cheap.mla_up_proj && !cheap.core_attn && !cheap.moe);
  EXPECT_TRUE(modules("--recompute-granularity selective").core_attn);
  EXPECT_TRUE(modules("--recompute-activations").core_attn);
  EXPECT_TRUE(modules("--recompute-granularity selective --recompute-modules moe shared_experts mlp").shared_experts);
  const auto uniform = import(least +
                              "--recompute-granularity full --recompute-method uniform "
                              "--recompute-num-layers 4")
                           .plan;
  EXPECT_EQ(uniform.recompute_group, 4);
  EXPECT_EQ(uniform.recompute_layers, 0);
}

TEST(Megatron, ReadsOffload) {
  const auto plan = import(least +
                           "--optimizer-cpu-offload --optimizer-offload-fraction 0.5 "
                           "--overlap-cpu-optimizer-d2h-h2d --use-precision-aware-optimizer")
                        .plan;
  EXPECT_EQ(plan.optimizer_offload, 0.5);
  EXPECT_TRUE(plan.overlap_offload);
  EXPECT_EQ(plan.offload_layers, 0);
  EXPECT_EQ(import(least + "--cpu-offloading-num-layers 8").plan.offload_layers, 8);
  EXPECT_EQ(import(least + "--optimizer-cpu-offload").plan.optimizer_offload, 1);
  EXPECT_EQ(import(least).plan.optimizer_offload, 0);
}

TEST(Megatron, RefusesUnknownModulesAndParts) {
  Issues issues;
  EXPECT_FALSE(import_megatron(least + "--recompute-granularity selective --recompute-modules layernorms moe\n"
                                       "--optimizer-cpu-offload --optimizer-offload-fraction 50",
                               "args", issues));
  EXPECT_THAT(told(issues),
              ElementsAre(HasSubstr("--recompute-modules has no \"layernorms\"; did you mean \"layernorm\"?"),
                          HasSubstr("--optimizer-offload-fraction is a part of the whole, 0 to 1, not 50")));
}

TEST(Megatron, ReadsUnevenStages) {
  const auto job = import(least +
                          "--pipeline-model-parallel-size 4 --decoder-first-pipeline-num-layers 7 "
                          "--decoder-last-pipeline-num-layers 5 --cp-comm-type a2a");
  EXPECT_THAT(job.plan.stage_layers, ElementsAre(7, 10, 10, 5));
  EXPECT_EQ(job.plan.context_method, ContextMethod::all_to_all);
}

TEST(Megatron, ReadsMixtures) {
  const auto job =
      import(least +
             "--num-experts 64 --moe-router-topk 6 --moe-ffn-hidden-size 1408 --moe-layer-freq ([0]*3+[1]*29) "
             "--moe-shared-expert-intermediate-size 2816 --expert-model-parallel-size 8 "
             "--multi-latent-attention --kv-lora-rank 512 --qk-head-dim 128 --moe-token-dispatcher-type flex");
  EXPECT_EQ(job.model->experts->count, 64);
  EXPECT_EQ(job.model->experts->active, 6);
  EXPECT_EQ(job.model->experts->first, 3);
  EXPECT_EQ(job.model->experts->shared_ffn, 2816);
  EXPECT_EQ(job.model->latent_attention->kv_rank, 512);
  EXPECT_EQ(job.plan.expert_parallel, 8);
  EXPECT_EQ(job.plan.dispatch, Dispatch::per_rank);
}

TEST(Megatron, ReadsScripts) {
  const auto job = import(R"(#!/bin/bash
# pretrain
NODES=4
TP=2
MODEL_ARGS=(
    --num-layers 24   # of GPT
    --hidden-size 1024
    --num-attention-heads 16 --seq-length "${SEQ:-2048}" --vocab-size 50257
)
torchrun --nproc_per_node 8 --nnodes $NODES pretrain_gpt.py ${MODEL_ARGS[@]} \
    --tensor-model-parallel-size ${TP} --bf16
)");
  EXPECT_EQ(job.model->layers, 24);
  EXPECT_EQ(job.plan.sequence_length, 2048);
  EXPECT_EQ(job.plan.tensor_parallel, 2);
  EXPECT_EQ(job.gpus, 32);
}

TEST(Megatron, TellsEverythingAtOnceWithItsPlace) {
  Issues issues;
  EXPECT_FALSE(
      import_megatron("--num-layers x --hidden-size 64\n--seq-length 128 --tensor-model-parallel-siz 8 --bf16\n"
                      "--vocab-size $V --recompute-granularity most",
                      "args", issues));
  EXPECT_THAT(
      told(issues),
      ElementsAre(HasSubstr("args:1:1: error: --num-attention-heads is missing"),
                  HasSubstr("args:1:14: error: --num-layers takes a whole number"),
                  HasSubstr("args:2:18: warning: --tensor-model-parallel-siz is unknown here and ignored; did you "
                            "mean \"tensor-model-parallel-size\"?"),
                  HasSubstr("args:3:14: error: --vocab-size is $V, which this text does not set"),
                  HasSubstr("args:3:41: error: --recompute-granularity is \"most\"")));
}

TEST(Megatron, PassesOverWhatTakesNoTime) {
  Issues issues;
  EXPECT_TRUE(import_megatron(least + "--lr 3e-4 --train-iters 100 --data-path /d --tokenizer-type X", "o", issues));
  EXPECT_THAT(told(issues), ElementsAre());
}

TEST(Imported, BatchesAndHybridShardsFollowTheNumberOfGpus) {
  ImportedJob job;
  job.plan.tensor_parallel = 2;
  job.batch_per_rank = 3;
  job.replicate = 4;
  finish(job, 64);
  EXPECT_EQ(job.plan.global_batch, 3 * 32);
  EXPECT_EQ(job.plan.shards, 8);
}

}  // namespace
}  // namespace plenum::workload
