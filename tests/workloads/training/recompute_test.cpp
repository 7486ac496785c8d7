// Recomputation by module: what is not kept, and what runs again for it, by closed forms.
#include "workloads/training/recompute.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workloads/training/activations.hpp"
#include "workloads/training/flops.hpp"
#include "workloads/training/layer.hpp"
#include "workloads/training/memory.hpp"
#include "workloads/training/step.hpp"

namespace plenum::workload {
namespace {

Transformer named(const std::string& name) {
  Issues issues;
  return find_model(name, issues).value_or(Transformer{});
}

constexpr std::int64_t tokens = 4096;

TrainingPlan plan_of(const Transformer& model, const RecomputeModules& modules) {
  TrainingPlan plan;
  plan.global_batch = 1;
  plan.sequence_length = tokens;
  plan.recompute = Recompute::modules;
  plan.recompute_modules = modules;
  EXPECT_TRUE(complete(plan, model, 1).empty());
  return plan;
}

TrainingPlan keeping(TrainingPlan plan) {
  plan.recompute = Recompute::none;
  plan.recompute_modules.reset();
  return plan;
}

double flops_in(const Operations& operations) {
  double sum = 0;
  for (const Operation& operation : operations) sum += flops_of(operation).value();
  return sum;
}

/// One module of a model's last layer: bytes that are not kept, and floating-point operations that run again.
struct Module {
  const char* model;
  RecomputeModules modules;
  double bytes, flops;
};

void PrintTo(const Module& module, std::ostream* out) { *out << module.model; }

class ByModule : public ::testing::TestWithParam<Module> {};

TEST_P(ByModule, MemoryAndTimeAgree) {
  const Module& expected = GetParam();
  const Transformer model = named(expected.model);
  const TrainingPlan plan = plan_of(model, expected.modules), kept = keeping(plan);
  const LayerKind kind = model.layer_kind(model.layers - 1);
  const Bytes saved = layer_activations(model, kept, kind) - layer_activations(model, plan, kind);
  EXPECT_DOUBLE_EQ(static_cast<double>(saved.value()), expected.bytes);
  const double again = flops_in(layer_backward(model, plan, kind)) - flops_in(layer_backward(model, kept, kind));
  EXPECT_DOUBLE_EQ(again, expected.flops);
}

constexpr double n = tokens;
// DeepSeek-V3: hidden 7168, 128 heads of 128 + 64 and values of 128, latent 1536 and 512; 8 of 256 experts of 2048 and
// one shared expert. Llama 3 8B: hidden 4096, ffn 14336, 32 heads of 128.
constexpr double qkv = 128 * (192 + 192 + 128), up_projection = 128 * (1536 * 192 + 512 * 256);
constexpr double expert = 3 * 7168 * 2048, rows = 8 * n;
constexpr double moe_bytes = 4 * n * 256 + 2 * rows * 7168 + rows * 2 * 4096 + 2 * rows * 2048;
constexpr double shared_bytes = n * 2 * 4096 + 2 * n * 2048;
// Half of the scores are masked; two products.
constexpr double core = 4 * n * n * 32 * 128 / 2;

INSTANTIATE_TEST_SUITE_P(
    OneByOne, ByModule,
    ::testing::Values(Module{"DeepSeekV3", {.layernorm = true}, 2 * 2 * n * 7168, 0},
                      Module{"DeepSeekV3", {.moe_act = true}, 2 * rows * 2048, 0},
                      Module{"DeepSeekV3", {.mlp_act = true}, 2 * n * 2048, 0},
                      Module{"DeepSeekV3", {.mla_up_proj = true}, 2 * n* qkv, 2 * n* up_projection},
                      Module{"DeepSeekV3", {.shared_experts = true}, shared_bytes, 2 * n* expert},
                      Module{"DeepSeekV3", {.moe = true}, moe_bytes + shared_bytes, 2 * n*(9 * expert + 7168 * 256)},
                      Module{"LLAMA3-8B", {.core_attn = true}, 4 * n * 32, core},
                      Module{"LLAMA3-8B", {.mlp = true}, 2 * n * 2 * 14336 + 2 * n * 14336, 2 * n * 3 * 4096 * 14336},
                      Module{"LLAMA3-8B", {.mlp_act = true, .layernorm = true}, 2 * n * 14336 + 2 * 2 * n * 4096, 0}));

/// What a module's activations are part of is not counted twice.
TEST(RecomputeModules, WholeModulesIncludeTheirActivations) {
  const Transformer model = named("DeepSeekV3");
  const LayerKind kind = model.layer_kind(model.layers - 1);
  const auto kept = [&](const RecomputeModules& modules) {
    return layer_activations(model, plan_of(model, modules), kind);
  };
  EXPECT_EQ(kept({.moe = true}), kept({.mlp_act = true, .moe = true, .moe_act = true, .shared_experts = true}));
}

/// Publications count scores whole, kernels half of them.
TEST(RecomputeModules, HardwareFlopsCountTheirProducts) {
  const Transformer model = named("DeepSeekV3");
  TrainingPlan plan = plan_of(model, {.moe = true, .mla_up_proj = true});
  const double again = hardware_flops(model, plan).value() - model_flops(model, plan).value();
  const double of_layer = 2 * n * up_projection, of_experts = 2 * n * (9 * expert + 7168 * 256);
  EXPECT_DOUBLE_EQ(again, 61 * of_layer + 58 * of_experts);
}

/// Megatron's uniform method: one input per group is kept, and a group at a time is whole.
TEST(RecomputeGroup, KeepsAnInputPerGroup) {
  Transformer model = named("LLAMA3-8B");
  model.layers = 12;
  TrainingPlan plan;
  plan.global_batch = 1;
  plan.sequence_length = tokens;
  plan.recompute = Recompute::full;
  ASSERT_TRUE(complete(plan, model, 1).empty());
  const auto activations = [&](std::int64_t group) {
    plan.recompute_group = group;
    return peak_memory(model, plan).front().activations;
  };
  const LayerKind kind = model.layer_kind(0);
  const Bytes input = layer_activations(model, plan, kind), whole = whole_layer_activations(model, plan, kind);
  EXPECT_EQ(input, Bytes(2 * tokens * 4096));
  for (const std::int64_t group : {2, 3, 5, 12, 40}) {
    const Bytes inputs = input * ((12 + group - 1) / group), working = whole * std::min<std::int64_t>(group, 12);
    EXPECT_EQ(activations(group) - activations(1), inputs + working - input * 12 - whole) << group;
  }
}

std::vector<std::string> problems(const Transformer& model, TrainingPlan plan) {
  std::vector<std::string> found;
  for (const auto& [pointer, message] : complete(plan, model, 1)) found.push_back(pointer + ": " + message);
  return found;
}

TEST(RecomputeModules, AreThoseOfTheModel) {
  const Transformer model = named("LLAMA3-8B");
  TrainingPlan plan;
  plan.global_batch = 1;
  plan.recompute = Recompute::modules;
  plan.recompute_modules = {.moe = true, .shared_experts = true, .mla_up_proj = true};
  EXPECT_THAT(problems(model, plan),
              ::testing::ElementsAre("/recompute_modules/moe: the model has no experts",
                                     "/recompute_modules/shared_experts: the model has no shared experts",
                                     "/recompute_modules/mla_up_proj: the model has no latent attention"));
  plan.recompute = Recompute::full;
  EXPECT_THAT(problems(model, plan), ::testing::ElementsAre(::testing::HasSubstr("\"recompute\": \"modules\" only")));
}

TEST(RecomputeEarlyStop, LeavesOutTheDownProjection) {
  const Transformer model = named("LLAMA3-8B");
  TrainingPlan plan;
  plan.global_batch = 1;
  plan.sequence_length = tokens;
  plan.recompute = Recompute::full;
  ASSERT_TRUE(complete(plan, model, 1).empty());
  TrainingPlan early = plan;
  early.recompute_early_stop = true;
  const double down = 2.0 * tokens * 4096 * 14336;
  const LayerKind kind = model.layer_kind(0);
  EXPECT_EQ(flops_in(layer_backward(model, plan, kind)) - flops_in(layer_backward(model, early, kind)), down);
  EXPECT_EQ((hardware_flops(model, plan) - hardware_flops(model, early)).value(), 32 * down);
}

TEST(RecomputeEarlyStop, IsOfSingleLayers) {
  const Transformer model = named("LLAMA3-8B");
  TrainingPlan plan;
  plan.global_batch = 1;
  plan.recompute = Recompute::full;
  plan.recompute_early_stop = true;
  EXPECT_THAT(problems(model, plan), ::testing::IsEmpty());
  plan.recompute_group = 2;
  EXPECT_THAT(problems(model, plan), ::testing::ElementsAre(::testing::HasSubstr("single layers")));
}

TEST(RecomputeGroup, IsOfFullRecomputationAlone) {
  const Transformer model = named("LLAMA3-8B");
  TrainingPlan plan;
  plan.global_batch = 1;
  plan.recompute_group = 2;
  plan.recompute = Recompute::none;
  EXPECT_THAT(problems(model, plan), ::testing::ElementsAre(::testing::HasSubstr("\"full\" only")));
  plan.recompute = Recompute::full;
  plan.recompute_layers = 4;
  EXPECT_THAT(problems(model, plan), ::testing::ElementsAre(::testing::HasSubstr("not both")));
}

}  // namespace
}  // namespace plenum::workload
