// A vision encoder in a training step: where it stands, what it computes, keeps and trains.
#include "workloads/training/encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "workloads/training/elements.hpp"
#include "workloads/training/flops.hpp"
#include "workloads/training/memory.hpp"
#include "workloads/training/step.hpp"

namespace plenum::workload {
namespace {

/// Llama 3 8B behind Qwen2-VL's encoder.
Transformer seeing() {
  Issues issues;
  Transformer model = find_model("LLAMA3-8B", issues).value_or(Transformer{});
  model.vision = Vision{.layers = 32, .hidden = 1280, .heads = 16, .rotary = true, .frames = 2};
  model.vision->projector = {5120, 4096};
  model.vision->projector_norm = 1280;
  return model;
}

TrainingPlan plan_of(TrainingPlan plan) {
  plan.global_batch = std::max<std::int64_t>(plan.global_batch, 2);
  plan.sequence_length = 4096;
  plan.recompute = Recompute::none;
  const auto problems = complete(plan, seeing(), plan.ranks_per_replica());
  for (const auto& [pointer, message] : problems) ADD_FAILURE() << pointer << ": " << message;
  return plan;
}

double flops_in(const Operations& operations) {
  double sum = 0;
  for (const Operation& operation : operations) sum += flops_of(operation).value();
  return sum;
}

/// Per image of 32 x 32 patches: 2 per element and patch, 4 per pair of patches and channel; its 256 tokens through
/// 5120 x 5120 and 5120 x 4096.
constexpr double patches = 1024, tokens = 256;
constexpr double layer = 12.0 * 1280 * 1280 * 2 * patches + 4 * patches * patches * 1280;
constexpr double embedding = 2 * patches * 1176 * 1280, projector = 2 * tokens * (5120.0 * 5120 + 5120 * 4096);

TEST(Encoder, ComputesEveryPatchForwardAndBackward) {
  const TrainingPlan plan = plan_of({.images = 3});
  EXPECT_DOUBLE_EQ(flops_in(encoder_forward(seeing(), plan)), 3 * (32 * layer + embedding + projector));
  // Fused attention computes 2.5 times as much backward, everything else twice; patches have no gradient.
  const double scores = 32 * 4 * patches * patches * 1280;
  EXPECT_DOUBLE_EQ(flops_in(encoder_backward(seeing(), plan)),
                   3 * (2 * 32 * layer + 0.5 * scores + embedding + 2 * projector));
  EXPECT_DOUBLE_EQ(encoder_flops(seeing(), plan).value(), 2 * 3 * 3 * (32 * layer + embedding + projector));
}

TEST(Encoder, FrozenTrainsItsProjectorAlone) {
  const TrainingPlan plan = plan_of({.images = 3, .frozen_vision = true});
  const double first_input = 2 * tokens * 5120.0 * 5120;
  EXPECT_DOUBLE_EQ(flops_in(encoder_backward(seeing(), plan)), 3 * (2 * projector - first_input));
  EXPECT_EQ(encoder_elements(seeing(), plan) - frozen_encoder_elements(seeing(), plan),
            projector_parameters(*seeing().vision));
}

TEST(Encoder, StandsOnTheFirstStage) {
  const TrainingPlan plan = plan_of({.pipeline_parallel = 4, .images = 3}), blind = plan_of({.pipeline_parallel = 4});
  const auto with = training_step(seeing(), plan).stages, without = training_step(seeing(), blind).stages;
  for (std::size_t rank = 0; rank < with.size(); ++rank) {
    const Chunk &sees = with[rank].chunks[0], &reads = without[rank].chunks[0];
    EXPECT_EQ(flops_in(sees.forward) > flops_in(reads.forward), rank == 0) << rank;
    EXPECT_EQ(sees.parameters - reads.parameters, rank == 0 ? vision_parameters(*seeing().vision) : 0) << rank;
  }
}

/// Sixteen bits, fp32 gradients and 12 bytes of states per element that is trained; frozen ones have 16 bits alone.
TEST(Encoder, IsHeldOnTheFirstStage) {
  TrainingPlan plan = plan_of({.images = 3}), blind = plan_of({});
  plan.sharding = blind.sharding = Sharding::none;
  const auto states = [](const TrainingPlan& p) {
    const StageMemory m = peak_memory(seeing(), p).front();
    return m.parameters + m.gradients + m.optimizer;
  };
  const std::int64_t all = vision_parameters(*seeing().vision), last = projector_parameters(*seeing().vision);
  EXPECT_EQ(states(plan) - states(blind), Bytes(18 * all));
  EXPECT_EQ(peak_memory(seeing(), plan).front().activations - peak_memory(seeing(), blind).front().activations,
            encoder_activations(seeing(), plan));
  plan.frozen_vision = true;
  EXPECT_EQ(states(plan) - states(blind), Bytes(2 * all + 16 * last));
  EXPECT_LT(encoder_activations(seeing(), plan), Bytes(1 << 26));
}

TEST(Encoder, IsSplitOverTensorRanks) {
  const TrainingPlan alone = plan_of({.images = 2}), split = plan_of({.tensor_parallel = 4, .images = 2});
  const double whole = flops_in(encoder_forward(seeing(), alone)), part = flops_in(encoder_forward(seeing(), split));
  EXPECT_NEAR(part / whole, 0.25, 0.01);  // patches are embedded everywhere
  EXPECT_LT(encoder_elements(seeing(), split), encoder_elements(seeing(), alone) / 3);
}

/// Windows of 64 patches in seven layers of eight.
TEST(Encoder, SeesWindows) {
  Transformer model = seeing();
  model.vision->window = 64;
  model.vision->full_attention_every = 8;
  const TrainingPlan plan = plan_of({.images = 1});
  const double saved = flops_in(encoder_forward(seeing(), plan)) - flops_in(encoder_forward(model, plan));
  EXPECT_DOUBLE_EQ(saved, 28 * 4 * patches * (patches - 64) * 1280);
}

/// Of 32 layers 30 run; the others are no one's.
TEST(Encoder, RunsTheLayersThatAreUsed) {
  Transformer model = seeing();
  model.vision->used_layers = 30;
  const TrainingPlan plan = plan_of({.images = 1});
  EXPECT_DOUBLE_EQ(flops_in(encoder_forward(seeing(), plan)) - flops_in(encoder_forward(model, plan)), 2 * layer);
  EXPECT_DOUBLE_EQ((encoder_flops(seeing(), plan) - encoder_flops(model, plan)).value(), 2 * 3 * 2 * layer);
  EXPECT_LT(encoder_elements(model, plan), encoder_elements(seeing(), plan));
  EXPECT_EQ(model.parameters(), seeing().parameters());
}

std::vector<std::string> problems(const Transformer& model, TrainingPlan plan) {
  std::vector<std::string> found;
  plan.global_batch = 8;
  for (const auto& [pointer, message] : complete(plan, model, plan.ranks_per_replica()))
    found.push_back(pointer + ": " + message);
  return found;
}

TEST(Encoder, AsksWhatItCanNotDo) {
  Transformer blind = seeing();
  blind.vision.reset();
  EXPECT_THAT(problems(blind, {.images = 1}),
              ::testing::ElementsAre("/images: the model has no vision encoder; 0 would be right"));
  EXPECT_THAT(problems(seeing(), {.sequence_length = 1024, .images = 5}),
              ::testing::ElementsAre("/images: 5 images of 256 tokens exceed the sequence of 1024; at most 4 fit"));
  Transformer odd = seeing();
  odd.vision->heads = 20;
  EXPECT_THAT(problems(odd, {.tensor_parallel = 8, .images = 1}),
              ::testing::ElementsAre("/tensor_parallel: 8 doesn't divide the vision encoder's heads (20)"));
}

}  // namespace
}  // namespace plenum::workload
