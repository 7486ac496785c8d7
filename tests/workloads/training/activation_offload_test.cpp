// Activations in host memory: what leaves the GPU, what the host holds, and what is proposed to fit.
#include "workloads/training/activation_offload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workloads/training/activations.hpp"
#include "workloads/training/forward_only.hpp"
#include "workloads/training/memory.hpp"
#include "workloads/training/step.hpp"

namespace plenum::workload {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

Transformer llama() {
  Issues issues;
  return find_model("LLAMA3-8B", issues).value_or(Transformer{});
}

TrainingPlan plan_of(std::int64_t offloaded, std::int64_t pipeline = 1) {
  TrainingPlan plan;
  plan.pipeline_parallel = pipeline;
  plan.global_batch = 8;
  plan.sequence_length = 4096;
  plan.recompute = Recompute::none;
  plan.offload_layers = offloaded;
  EXPECT_TRUE(complete(plan, llama(), pipeline).empty());
  return plan;
}

Bytes layer() { return layer_activations(llama(), plan_of(0), {}); }

/// Two layers are on their way; all others of the 24 are gone.
TEST(ActivationOffload, MovesLayersToTheHost) {
  const StageMemory here = peak_memory(llama(), plan_of(0)).front(), moved = peak_memory(llama(), plan_of(24)).front();
  EXPECT_EQ(here.activations - moved.activations, layer() * 22);
  EXPECT_EQ(moved.host, layer() * 24);
  EXPECT_EQ(here.host, Bytes(0));
  EXPECT_EQ(training_step(llama(), plan_of(24)).stages.front().chunks.front().offloaded, layer() * 24);
}

TEST(ActivationOffload, OfOneOrTwoLayersSavesNothing) {
  const Bytes here = peak_memory(llama(), plan_of(0)).front().activations;
  EXPECT_EQ(peak_memory(llama(), plan_of(1)).front().activations, here);
  EXPECT_EQ(peak_memory(llama(), plan_of(2)).front().activations, here);
}

/// 1F1B: the first of four stages has four micro-batches in flight, the last one.
TEST(ActivationOffload, FollowsTheSchedule) {
  const auto here = peak_memory(llama(), plan_of(0, 4)), moved = peak_memory(llama(), plan_of(8, 4));
  for (std::int64_t rank = 0; rank < 4; ++rank) {
    const auto at = static_cast<std::size_t>(rank);
    EXPECT_EQ(moved[at].host, layer() * (8 * (4 - rank))) << rank;
    EXPECT_EQ(here[at].activations - moved[at].activations, layer() * (8 * (4 - rank) - 2)) << rank;
  }
}

/// What is kept of layers that are computed again, their inputs.
TEST(ActivationOffload, TakesInputsOfCheckpointedLayers) {
  TrainingPlan plan = plan_of(32);
  plan.recompute = Recompute::full;
  EXPECT_EQ(peak_memory(llama(), plan).front().host, Bytes(32LL * 2 * 4096 * 4096));
}

TEST(ActivationOffload, HasNoMoreLayersThanAChunk) {
  TrainingPlan plan = plan_of(8, 4);
  plan.offload_layers = 9;
  EXPECT_THAT(complete(plan, llama(), 4),
              ElementsAre(Pair("/offload_layers", "9 layers of a chunk that has at most 8")));
}

TEST(ActivationOffload, HasNothingToKeepWithoutABackwardPass) {
  EXPECT_EQ(forward_only(training_step(llama(), plan_of(24))).stages.front().chunks.front().offloaded, Bytes(0));
}

/// As few layers as help, to a power of two; nothing of the kind where the host is not known or full.
TEST(WaysToFit, ProposeToOffloadActivations) {
  const TrainingPlan plan = plan_of(0);
  const Bytes needed = peak_memory(llama(), plan).front().total();
  const MemoryCapacity card(needed - layer() * 5, Bytes(1LL << 40));
  EXPECT_THAT(ways_to_fit(llama(), plan, card), Contains("offload_layers: 8"));
  EXPECT_THAT(ways_to_fit(llama(), plan, card.device), Not(Contains(StartsWith("offload_layers"))));
  EXPECT_THAT(ways_to_fit(llama(), plan, {card.device, layer() * 7}), Not(Contains(StartsWith("offload_layers"))));
}

/// A host that is full wants less, not more GPUs.
TEST(WaysToFit, OffloadLessToAFullHost) {
  TrainingPlan plan = plan_of(32);
  const StageMemory memory = peak_memory(llama(), plan).front();
  EXPECT_THAT(ways_to_fit(llama(), plan, {memory.total() * 2, layer() * 20}), Contains("offload_layers: 16"));
  plan = plan_of(0);
  plan.optimizer_offload = 1;
  const StageMemory states = peak_memory(llama(), plan).front();
  EXPECT_THAT(ways_to_fit(llama(), plan, {states.total() * 2, states.host / 2}), Contains("optimizer_offload: 0.5"));
}

}  // namespace
}  // namespace plenum::workload
