#include <gtest/gtest.h>

#include <algorithm>

#include "workloads/training/elements.hpp"
#include "workloads/training/flops.hpp"
#include "workloads/training/layer.hpp"
#include "workloads/training/memory.hpp"
#include "workloads/training/stage_layers.hpp"
#include "workloads/training/step.hpp"

namespace plenum::workload {
namespace {

Transformer named(const std::string& name) {
  Issues issues;
  return find_model(name, issues).value_or(Transformer{});
}

TrainingPlan plan_for(const Transformer& model, std::int64_t gpus, TrainingPlan plan) {
  plan.recompute = Recompute::none;
  const auto problems = complete(plan, model, gpus);
  for (const auto& [pointer, message] : problems) ADD_FAILURE() << pointer << ": " << message;
  return plan;
}

double flops_of_family(const Operations& operations, Family family) {
  double sum = 0;
  for (const Operation& operation : operations)
    if (operation.family == family) sum += flops_of(operation).value();
  return sum;
}

/// Forward, every token is multiplied with the layer's matrices, of experts with those it goes to: 2 operations per
/// element, whatever the plan. Backward twice that.
TEST(MixtureStep, MatrixFlopsFollowTheActiveParameters) {
  for (const char* name : {"Mixtral-8x7B", "DeepSeekV3", "Nemotron3-Super-120B-A12B", "GPT-OSS-20B"}) {
    const Transformer model = named(name);
    TrainingPlan sizes{.data_parallel = 8, .expert_parallel = 8, .global_batch = 8, .sequence_length = 4096};
    const TrainingPlan plan = plan_for(model, 8, sizes);
    for (const auto& [kind, count] : model.layer_counts()) {
      const double expected = 2.0 * 4096 * static_cast<double>(layer_matrix_parameters(model, kind));
      EXPECT_DOUBLE_EQ(flops_of_family(layer_forward(model, plan, kind), Family::matrix_product), expected) << name;
      EXPECT_DOUBLE_EQ(flops_of_family(layer_backward(model, plan, kind), Family::matrix_product), 2 * expected)
          << name;
    }
  }
}

std::int64_t count_named(const Operations& operations, std::string_view name) {
  return std::count_if(operations.begin(), operations.end(), [&](const Operation& o) { return o.name == name; });
}

TEST(MixtureStep, FusedExpertsActivateAndCastInsideTheirProducts) {
  const Transformer model = named("DeepSeekV3");
  TrainingPlan plan = plan_for(model, 8,
                               {.data_parallel = 8,
                                .expert_parallel = 8,
                                .global_batch = 8,
                                .sequence_length = 4096,
                                .precision = Precision::mxfp8});
  const LayerKind last = model.layer_kind(model.layers - 1);
  const auto between = [&] {
    const auto forward = layer_forward(model, plan, last);
    return count_named(forward, "expert_activation") + count_named(forward, "cast_activated");
  };
  EXPECT_EQ(between(), 3);  // the shared expert's cast is one
  plan.expert_kernels = ExpertKernels::fused;
  EXPECT_EQ(between(), 1);
}

/// Megatron-Core's kernels around gpt-oss's experts; one fused kernel does it all on the way.
TEST(MixtureStep, BiasesAndLimitsAreKernelsOfTheirOwn) {
  const Transformer model = named("GPT-OSS-20B");
  TrainingPlan plan =
      plan_for(model, 8, {.data_parallel = 8, .expert_parallel = 8, .global_batch = 8, .sequence_length = 4096});
  const auto count = [&](std::string_view name) {
    return count_named(layer_forward(model, plan, model.layer_kind(0)), name) +
           count_named(layer_backward(model, plan, model.layer_kind(0)), name);
  };
  EXPECT_EQ(count("clamp"), 2);
  EXPECT_EQ(count("expert_bias"), 2);
  EXPECT_EQ(count("expert_bias_gradient"), 1);
  plan.expert_kernels = ExpertKernels::fused;
  EXPECT_EQ(count("clamp") + count("expert_bias") + count("expert_bias_gradient"), 0);
}

/// Transformer Engine writes 8 bits from its norms where one scale serves the tensor; Megatron's activations never do.
TEST(MixtureStep, OnlyNormsCastOnTheWay) {
  const Transformer model = named("Llama-3-8B");
  TrainingPlan plan = plan_for(model, 1, {.global_batch = 1, .precision = Precision::fp8});
  const auto count = [&](std::string_view name) {
    return count_named(layer_forward(model, plan, model.layer_kind(0)), name);
  };
  EXPECT_EQ(count("cast_norm"), 0);
  EXPECT_EQ(count("cast_activated"), 1);
  plan.precision = Precision::mxfp8;
  EXPECT_EQ(count("cast_norm"), 2);
  EXPECT_EQ(count("cast_activated"), 1);
}

/// Of 61 layers and one ahead on 16 stages: 15 x 4, then a layer and the one ahead; on 4: 3 x 16, then 13 and it.
TEST(MixtureStep, TheLastStageMakesRoomForTheHeadAhead) {
  const Transformer model = named("DeepSeekV3");
  for (const auto& [stages, first, last] : {std::tuple{16, 4, 2}, std::tuple{8, 8, 6}, std::tuple{4, 16, 14}}) {
    const TrainingPlan plan{.pipeline_parallel = stages};
    for (std::int64_t rank = 0; rank < stages - 1; ++rank) EXPECT_EQ(layers_of(model, plan, rank, 0), first);
    EXPECT_EQ(layers_of(model, plan, stages - 1, 0), last);
  }
  const TrainingPlan narrow{.pipeline_parallel = 8, .virtual_stages = 4};  // chunks of two: the one ahead stays alone
  EXPECT_EQ(layers_of(model, narrow, 7, 3), 1);
  EXPECT_EQ(layers_of(model, narrow, 0, 0), 1);
}

TEST(MixtureStep, SeparateExpertsAreIssuedOneByOne) {
  const Transformer model = named("Mixtral-8x7B");
  TrainingPlan plan =
      plan_for(model, 4, {.data_parallel = 4, .expert_parallel = 4, .global_batch = 4, .sequence_length = 4096});
  plan.expert_kernels = ExpertKernels::separate;
  for (const Operation& operation : layer_forward(model, plan, model.layer_kind(0)))
    if (const auto* grouped = std::get_if<GroupedProduct>(&operation.work)) {
      EXPECT_TRUE(grouped->separate);
      EXPECT_EQ(grouped->groups, 2);
    }
}

/// Norms and activations run a second time; products only where latent attention is decompressed.
TEST(MixtureStep, RecomputedModulesRepeatWhatIsCheap) {
  for (const char* name : {"Mixtral-8x7B", "DeepSeekV3"}) {
    const Transformer model = named(name);
    TrainingPlan plan =
        plan_for(model, 8, {.data_parallel = 8, .expert_parallel = 8, .global_batch = 8, .sequence_length = 4096});
    const LayerKind kind = model.layer_kind(model.layers - 1);
    const Operations kept = layer_backward(model, plan, kind);
    plan.recompute = Recompute::modules;
    const Operations again = layer_backward(model, plan, kind);
    EXPECT_EQ(count_named(again, "norm"), count_named(kept, "norm") + 2) << name;
    EXPECT_EQ(count_named(again, "expert_activation"), count_named(kept, "expert_activation") + 1) << name;
    const double products =
        flops_of_family(again, Family::matrix_product) - flops_of_family(kept, Family::matrix_product);
    EXPECT_EQ(products > 0, model.latent_attention.has_value()) << name;
  }
}

/// All ranks of a replica hold every expert's matrices once per expert-data rank; vectors beside matrices are small.
TEST(MixtureStep, ExpertsAreHeldOncePerExpertDataRank) {
  const Transformer model = named("Mixtral-8x7B");
  const TrainingPlan plan = plan_for(model, 32,
                                     {.tensor_parallel = 2,
                                      .pipeline_parallel = 2,
                                      .expert_parallel = 4,
                                      .expert_tensor_parallel = 2,
                                      .global_batch = 64,
                                      .sequence_length = 4096});
  std::int64_t held = 0;
  for (const Stage& stage : training_step(model, plan).stages)
    for (const Chunk& chunk : stage.chunks) held += chunk.expert_parameters * plan.ranks_per_stage();
  EXPECT_EQ(plan.expert_data_parallel(), 2);
  EXPECT_EQ(held, plan.expert_data_parallel() * 32 * 8 * model.expert_parameters());
}

std::int64_t exchanged(const Operations& operations) {
  std::int64_t bytes = 0;
  for (const Operation& operation : operations)
    if (const auto* c = std::get_if<Communication>(&operation.work); c && c->kind == CollectiveKind::all_to_all)
      bytes += c->bytes.value() * operation.count;
  return bytes;
}

TEST(MixtureStep, TokensTravelToTheirExpertsAndBack) {
  const Transformer model = named("Qwen3-30B-A3B");
  TrainingPlan plan =
      plan_for(model, 8, {.data_parallel = 8, .expert_parallel = 8, .global_batch = 8, .sequence_length = 4096});
  const LayerKind kind{Mixer::attention, Mlp::experts};
  EXPECT_EQ(exchanged(layer_forward(model, plan, kind)), 2 * 4096 * 8 * 2048 * 2);
  EXPECT_EQ(exchanged(layer_backward(model, plan, kind)), 2 * 4096 * 8 * 2048 * 2);
  // Eight draws from eight ranks reach 8 (1 - (7/8)^8) = 5.25 different ones.
  plan.dispatch = Dispatch::per_rank;
  EXPECT_NEAR(static_cast<double>(exchanged(layer_forward(model, plan, kind))), 2 * 4096 * 5.251 * 2048 * 2, 1e5);
}

TEST(MixtureStep, AdaptersTrainLittleAndComputeNoGradientsOfWeights) {
  const Transformer model = named("LLAMA2-70B");
  TrainingPlan plan = plan_for(model, 8, {.tensor_parallel = 4, .global_batch = 8, .sequence_length = 8192});
  const double full = flops_of_family(layer_backward(model, plan), Family::matrix_product);
  const Bytes memory = peak_memory(model, plan).front().total();
  plan.adapter_rank = 16;
  EXPECT_LT(flops_of_family(layer_backward(model, plan), Family::matrix_product), 0.52 * full);
  // 2 bytes per weight are left of 18 per weight.
  EXPECT_LT(peak_memory(model, plan).front().optimizer.value(), 1 << 30);
  EXPECT_LT(peak_memory(model, plan).front().total(), memory);
}

}  // namespace
}  // namespace plenum::workload
