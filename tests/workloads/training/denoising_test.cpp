// Work of diffusion transformers against closed forms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workloads/training/elements.hpp"
#include "workloads/training/flops.hpp"
#include "workloads/training/memory.hpp"
#include "workloads/training/step.hpp"

namespace plenum::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Transformer model_named(const std::string& name) {
  Issues issues;
  const auto model = find_model(name, issues);
  EXPECT_TRUE(model) << name;
  return model.value_or(Transformer{});
}

TrainingPlan plan_of(const Transformer& model, std::int64_t tensor, std::int64_t context) {
  TrainingPlan plan;
  plan.tensor_parallel = tensor;
  plan.context_parallel = context;
  plan.context_method = ContextMethod::all_to_all;
  plan.sharding = Sharding::parameters;
  plan.recompute = Recompute::none;
  plan.global_batch = 4;
  EXPECT_THAT(complete(plan, model, 4 * tensor * context), IsEmpty());
  return plan;
}

double flops(const Operations& operations) {
  double sum = 0;
  for (const Operation& operation : operations) sum += flops_of(operation).value();
  return sum;
}

double flops_of_step(const TrainingStep& step) {
  double sum = 0;
  for (const Stage& stage : step.stages)
    for (const Chunk& chunk : stage.chunks) sum += flops(chunk.forward) + flops(chunk.backward);
  return sum;
}

/// Wan 14B at 720p, 81 frames, by hand: n = 75,600 patches, t = 512 tokens of text. A layer's matrices over patches:
/// attention 4 h^2, cross attention 2 h^2, MLP 2 h f; over the text 2 h^2; attention 4 h n^2 + 4 h n t.
TEST(Denoising, FlopsOfWanInClosedForm) {
  const Transformer model = model_named("Wan2.1-T2V-14B");
  const double n = 75600, t = 512, h = 5120, f = 13824, layers = 40;
  const double layer = 2 * n * (6 * h * h + 2 * h * f) + 2 * t * 2 * h * h + 4 * h * n * (n + t);
  const double ends = 2 * n * (64 * h + h * 64) + 2 * t * (4096 * h + h * h) + 2 * (256 * h + h * h + 6 * h * h);
  TrainingPlan plan = plan_of(model, 1, 1);
  EXPECT_DOUBLE_EQ(model_flops(model, plan).value(), 3 * 4 * (layers * layer + ends));
  plan.recompute = Recompute::full;
  EXPECT_DOUBLE_EQ(hardware_flops(model, plan).value(), 4 * (4 * layers * layer + 3 * ends));
}

/// FLUX at 1,024 x 1,024: n = 4,096 patches and t = 512 tokens in one attention; a double layer multiplies every token
/// with 12 h^2 of its stream, a single one with 12 h^2 too; modulation 12 h^2 and 3 h^2 per sample.
TEST(Denoising, FlopsOfFluxInClosedForm) {
  const Transformer model = model_named("FLUX.1-dev");
  const double n = 4096, t = 512, s = n + t, h = 3072;
  const double layers = 57 * (2 * s * 12 * h * h + 4 * h * s * s) + 19 * 2 * 12 * h * h + 38 * 2 * 3 * h * h;
  const double ends = 2 * n * 128 * h + 2 * t * 4096 * h + 2 * (2 * 256 + 768 + 3 * h + 2 * h) * h;
  EXPECT_DOUBLE_EQ(model_flops(model, plan_of(model, 1, 1)).value(), 3 * 4 * (layers + ends));
}

/// The kernels of all ranks together do the model's work. Their attention goes backward in five products, not four
/// (the scores are made once more), and vectors per sample are worked on by every rank.
TEST(Denoising, RanksShareTheWork) {
  for (const char* name : {"DiT-XL/2", "SD3-medium", "FLUX.1-dev", "Wan2.1-T2V-1.3B"}) {
    Transformer model = model_named(name);
    model.diffusion->text_tokens = model.diffusion->text_tokens / 16 * 16;  // SD3's 333 divide by nothing
    model.fill_defaults();
    const double alone = flops_of_step(training_step(model, plan_of(model, 1, 1)));
    for (const auto& [tensor, context] : {std::pair{4, 1}, {1, 4}, {2, 2}}) {
      const double shared = flops_of_step(training_step(model, plan_of(model, tensor, context)));
      EXPECT_NEAR(shared * tensor * context / alone, 1, 0.01) << name << " " << tensor << " " << context;
    }
  }
}

TEST(Denoising, KernelsDoTheModelsWork) {
  const Transformer model = model_named("Wan2.1-T2V-14B");
  const TrainingPlan plan = plan_of(model, 1, 1);
  const double n = 75600, attention = 40 * 4 * 5120.0 * n * (n + 512);
  const double expected = model_flops(model, plan).value() / 4 + 0.5 * attention;
  EXPECT_NEAR(flops_of_step(training_step(model, plan)), expected, 1e-9 * expected);
}

TEST(Denoising, NoAttentionIsMasked) {
  const Transformer model = model_named("FLUX.1-dev");
  int attentions = 0;
  for (const Operation& operation : training_step(model, plan_of(model, 1, 4)).stages[0].chunks[0].forward)
    if (const auto* attention = std::get_if<Attention>(&operation.work)) {
      ++attentions;
      EXPECT_FALSE(attention->causal);
      EXPECT_EQ(attention->query_length, 4608);  // heads were exchanged for tokens
      EXPECT_EQ(attention->heads, 6);
    }
  EXPECT_EQ(attentions, 2);  // a kind each
}

/// What ranks hold adds up to the model; modulations are whole on every rank of a tensor group.
TEST(Denoising, ElementsAddUp) {
  for (const char* name : {"DiT-XL/2", "SD3-medium", "SD3.5-large", "FLUX.1-dev", "Wan2.1-T2V-14B", "HunyuanVideo"}) {
    const Transformer model = model_named(name);
    const TrainingPlan plan = plan_of(model, 1, 1);
    const std::int64_t held = elements_of(model, plan, model.layer_counts()).all() + embedding_elements(model, plan) +
                              head_elements(model, plan);
    EXPECT_EQ(held, model.parameters()) << name;
  }
}

/// Each rank of n that exchange heads keeps an n-th of the activations.
TEST(Denoising, ActivationsDivideByContextRanks) {
  const Transformer model = model_named("Wan2.1-T2V-14B");
  const auto activations = [&](std::int64_t context) {
    return static_cast<double>(peak_memory(model, plan_of(model, 1, context))[0].activations.value());
  };
  EXPECT_NEAR(activations(8) * 8 / activations(1), 1, 0.02);  // the text's keys and values are whole everywhere
}

TEST(Denoising, PlansThatCanNotBe) {
  const Transformer model = model_named("FLUX.1-dev");
  TrainingPlan plan;
  plan.global_batch = 8;
  plan.sequence_length = 4096;
  plan.adapter_rank = 16;
  EXPECT_THAT(complete(plan, model, 8),
              ElementsAre(Pair("/sequence_length", HasSubstr("make 4608 tokens, not 4096; leave it out")),
                          Pair("/adapter_rank", HasSubstr("not modelled"))));
}

}  // namespace
}  // namespace plenum::workload
