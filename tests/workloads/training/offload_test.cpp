// An optimizer in host memory: what leaves the GPU, what the host holds and does.
#include "workloads/training/offload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workloads/training/memory.hpp"
#include "workloads/training/step.hpp"

namespace plenum::workload {
namespace {

Transformer llama() {
  Issues issues;
  return find_model("LLAMA3-8B", issues).value_or(Transformer{});
}

TrainingPlan plan_of(Sharding sharding, double part, std::int64_t gpus = 8) {
  TrainingPlan plan;
  plan.global_batch = 8;
  plan.sequence_length = 4096;
  plan.recompute = Recompute::full;
  plan.sharding = sharding;
  plan.optimizer_offload = part;
  EXPECT_TRUE(complete(plan, llama(), gpus).empty());
  return plan;
}

std::int64_t elements(const TrainingPlan& plan) {
  const TrainingStep step = training_step(llama(), plan);
  std::int64_t sum = 0;
  for (const Chunk& chunk : step.stages.front().chunks) sum += chunk.parameters;
  return sum;
}

/// Master weights and two moments, 12 bytes per element of the shard, and the copy of its fp32 gradient that Adam
/// reads.
TEST(Offload, MovesStatesToTheHost) {
  for (const double part : {0.25, 0.5, 1.0}) {
    const TrainingPlan plan = plan_of(Sharding::optimizer, part);
    const StageMemory here = peak_memory(llama(), plan_of(Sharding::optimizer, 0)).front();
    const StageMemory moved = peak_memory(llama(), plan).front();
    const std::int64_t shard = elements(plan) / 8, away = std::llround(part * static_cast<double>(shard));
    EXPECT_EQ(here.optimizer - moved.optimizer, Bytes(12 * away)) << part;
    EXPECT_EQ(moved.host, Bytes((12 + 4) * away)) << part;
    EXPECT_EQ(moved.gradients, here.gradients);
    EXPECT_EQ(here.host, Bytes(0));
  }
}

/// FSDP's shards of gradients go where their optimizer is.
TEST(Offload, TakesShardedGradientsAlong) {
  const StageMemory here = peak_memory(llama(), plan_of(Sharding::parameters, 0)).front();
  const StageMemory moved = peak_memory(llama(), plan_of(Sharding::parameters, 1)).front();
  EXPECT_EQ(here.gradients - moved.gradients, Bytes(4 * (elements(plan_of(Sharding::parameters, 0)) / 8)));
  EXPECT_EQ(moved.optimizer, Bytes(0));
}

/// Megatron: gradients down, Adam over 30 bytes per element, parameters up in 16 bits.
TEST(Offload, HostUpdatesItsPart) {
  const TrainingPlan plan = plan_of(Sharding::optimizer, 0.5);
  const HostUpdate host = training_step(llama(), plan).stages.front().host;
  const std::int64_t away = std::llround(0.5 * static_cast<double>(elements(plan) / 8));
  EXPECT_EQ(host.down, Bytes(4 * away));
  EXPECT_EQ(host.touched, Bytes(30 * away));
  EXPECT_EQ(host.up, Bytes(2 * away));
}

/// FSDP: parameters up in fp32 each time they are gathered, gradients down each time they are reduced; none at the end.
TEST(Offload, CopiesShardsWhenTheyAreGathered) {
  const TrainingStep step = training_step(llama(), plan_of(Sharding::parameters, 1));
  const Chunk& chunk = step.stages.front().chunks.front();
  EXPECT_EQ(chunk.host_up, Bytes(4 * (chunk.parameters / 8)));
  EXPECT_EQ(chunk.host_down, Bytes(4 * (chunk.parameters / 8)));
  EXPECT_EQ(step.stages.front().host.down, Bytes(0));
  EXPECT_EQ(step.stages.front().host.up, Bytes(0));
}

/// Alone, nothing is gathered: the copies are those of a step.
TEST(Offload, OfASingleRankCopiesOncePerStep) {
  const TrainingStep step = training_step(llama(), plan_of(Sharding::parameters, 1, 1));
  EXPECT_EQ(step.stages.front().chunks.front().host_up, Bytes(0));
  EXPECT_GT(step.stages.front().host.down, Bytes(0));
}

Bytes adam_bytes(const TrainingPlan& plan) {
  const TrainingStep step = training_step(llama(), plan);
  for (const Operation& operation : step.stages.front().optimizer)
    if (operation.name == "adam") return std::get<MemoryBound>(operation.work).bytes;
  return {};
}

TEST(Offload, LeavesTheRestToTheGpu) {
  const Bytes whole = adam_bytes(plan_of(Sharding::optimizer, 0));
  EXPECT_NEAR(static_cast<double>(adam_bytes(plan_of(Sharding::optimizer, 0.25)).value()),
              0.75 * static_cast<double>(whole.value()), 30);
  EXPECT_EQ(adam_bytes(plan_of(Sharding::optimizer, 1)), Bytes(0));
}

/// 8 billion parameters on one card of 80 GB: 128 GB of states; 16-bit weights and fp32 gradients stay.
TEST(WaysToFit, ProposeOffloadWhereTheHostIsKnown) {
  const TrainingPlan plan = plan_of(Sharding::optimizer, 0, 1);
  const auto ways = [&](const MemoryCapacity& capacity) { return ways_to_fit(llama(), plan, capacity); };
  const Bytes card(80LL << 30), host(256LL << 30);
  EXPECT_THAT(ways({card, host}), ::testing::Contains("optimizer_offload: 1"));
  EXPECT_THAT(ways(card), ::testing::Not(::testing::Contains("optimizer_offload: 1")));
  EXPECT_THAT(ways({card, Bytes(64LL << 30)}), ::testing::Not(::testing::Contains("optimizer_offload: 1")));
}

TEST(Fits, AsksTheHostToo) {
  const TrainingPlan plan = plan_of(Sharding::optimizer, 1, 1);
  EXPECT_TRUE(fits(llama(), plan, {Bytes(80LL << 30), Bytes(256LL << 30)}));
  EXPECT_FALSE(fits(llama(), plan, {Bytes(80LL << 30), Bytes(64LL << 30)}));
}

}  // namespace
}  // namespace plenum::workload
