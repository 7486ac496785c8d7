// Layers that attend to images: what they compute, hold and keep, and what is left of a model without them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workloads/layer_pattern.hpp"
#include "workloads/training/activations.hpp"
#include "workloads/training/flops.hpp"
#include "workloads/training/layer.hpp"
#include "workloads/training/memory.hpp"
#include "workloads/training/step.hpp"

namespace plenum::workload {
namespace {

constexpr LayerKind cross{.mixer = Mixer::cross_attention};

/// Llama 3 8B with an attention to 4 x 65 tokens of an image in every fourth layer.
Transformer seeing() {
  Issues issues;
  Transformer model = find_model("LLAMA3-8B", issues).value_or(Transformer{});
  model.mixer_pattern = "***x";
  model.vision = Vision{.layers = 4,
                        .hidden = 1024,
                        .heads = 16,
                        .class_token = true,
                        .keeps_class_token = true,
                        .tiles = 4,
                        .merge = 1,
                        .projector = {4096},
                        .height = 112,
                        .width = 112};
  return model;
}

TrainingPlan plan_of(std::int64_t tensor, std::int64_t pipeline = 1) {
  TrainingPlan plan;
  plan.tensor_parallel = tensor;
  plan.pipeline_parallel = pipeline;
  plan.global_batch = 2;
  plan.sequence_length = 1024;
  plan.images = 2;
  plan.recompute = Recompute::none;
  EXPECT_THAT(complete(plan, seeing(), tensor * pipeline), ::testing::IsEmpty());
  return plan;
}

double flops_in(const Operations& operations) {
  double sum = 0;
  for (const Operation& operation : operations) sum += flops_of(operation).value();
  return sum;
}

// Queries and projection for 1,024 tokens, keys and values for 2 x 260, scores and values between them, a gated MLP.
constexpr double tokens = 1024, images = 2 * 260, hidden = 4096;
constexpr double keys_values = 2 * images * hidden * 2 * 1024, scores = 4 * tokens * images * hidden;
constexpr double others = 2 * tokens * (2 * hidden * hidden + 3 * hidden * 14336);

TEST(CrossAttention, AttendsToAllImages) {
  EXPECT_DOUBLE_EQ(flops_in(layer_forward(seeing(), plan_of(1), cross)), others + keys_values + scores);
  EXPECT_DOUBLE_EQ(flops_in(layer_backward(seeing(), plan_of(1), cross)), 2 * (others + keys_values) + 2.5 * scores);
  EXPECT_DOUBLE_EQ(flops_in(layer_forward(seeing(), plan_of(4), cross)), (others + keys_values + scores) / 4);
}

TEST(CrossAttention, CountsInTheModelsFlops) {
  Transformer plain = seeing();
  plain.mixer_pattern.clear();
  const TrainingPlan plan = plan_of(1);
  const double self =
      2 * tokens * (2 * hidden * hidden + 2 * hidden * 1024 + 3 * hidden * 14336) + 4 * tokens * tokens * hidden;
  EXPECT_NEAR((model_flops(seeing(), plan) - model_flops(plain, plan)).value() /
                  (3 * 2 * 8 * (others + keys_values + scores - self)),
              1, 1e-9);
}

TEST(CrossAttention, KeepsKeysOfImagesInsteadOfTheTexts) {
  const TrainingPlan plan = plan_of(1);
  const Bytes self = layer_activations(seeing(), plan, {}), to_images = layer_activations(seeing(), plan, cross);
  EXPECT_EQ(self - to_images, Bytes(2 * (1024 - 520) * 2 * 1024));
}

/// Images' tokens go along the pipeline beside those of the text.
TEST(CrossAttention, PassesImagesOn) {
  EXPECT_EQ(training_step(seeing(), plan_of(1, 4)).boundary, Bytes(2 * (1024 + 520) * 4096));
}

TEST(CrossAttention, IsLeftOutForTexts) {
  const Transformer text = without_images(seeing());
  EXPECT_EQ(text.layers, 24);
  EXPECT_FALSE(text.vision || text.looks_at_images());
  EXPECT_THAT(text.layer_counts(), ::testing::ElementsAre(LayerCount{{}, 24}));
}

}  // namespace
}  // namespace plenum::workload
