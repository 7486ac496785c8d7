// Fields that need another one: each is told of alone, and no longer when what it needs is there.
#include "workloads/training/without_effect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenum::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Transformer small_model() {
  Transformer model;
  model.layers = 8;
  model.hidden = 512;
  model.heads = 8;
  model.vocabulary = 1000;
  model.context = 1024;
  model.fill_defaults();
  return model;
}

Transformer mixture() {
  Transformer model = small_model();
  model.experts = Experts{.count = 8, .active = 2, .ffn = 512};
  return model;
}

std::vector<std::string> told(const TrainingPlan& plan, const Transformer& model = small_model()) {
  std::vector<std::string> pointers;
  for (const auto& [pointer, message] : without_effect(plan, model)) pointers.push_back(pointer);
  return pointers;
}

TEST(WithoutEffect, SaysNothingOfAPlanAtRest) {
  EXPECT_THAT(told({}), IsEmpty());
  EXPECT_THAT(told({}, mixture()), IsEmpty());
}

TEST(WithoutEffect, RecomputationOfWholeLayers) {
  EXPECT_THAT(told({.recompute = Recompute::none, .recompute_layers = 2}), ElementsAre("/recompute_layers"));
  EXPECT_THAT(told({.recompute = Recompute::modules, .recompute_early_stop = true}),
              ElementsAre("/recompute_early_stop"));
  const TrainingPlan full{.recompute = Recompute::full, .recompute_layers = 2, .recompute_early_stop = true};
  EXPECT_THAT(told(full), IsEmpty());
  EXPECT_THAT(told(full, mixture()), ElementsAre("/recompute_early_stop"));  // none of its MLPs is dense
  EXPECT_THAT(told({.recompute = Recompute::automatic, .recompute_early_stop = true}), IsEmpty());
}

TEST(WithoutEffect, ShardsWhereNothingIsSharded) {
  EXPECT_THAT(told({.sharding = Sharding::none, .shards_in_place = true, .shards = 4}),
              ElementsAre("/shards", "/shards_in_place"));
  EXPECT_THAT(told({.sharding = Sharding::optimizer, .shards_in_place = true}), ElementsAre("/shards_in_place"));
  EXPECT_THAT(told({.sharding = Sharding::parameters, .shards_in_place = true, .shards = 4}), IsEmpty());
}

TEST(WithoutEffect, OffloadOfNothing) {
  EXPECT_THAT(told({.overlap_offload = true}), ElementsAre("/overlap_offload"));
  EXPECT_THAT(told({.optimizer_offload = 1, .overlap_offload = true}), IsEmpty());
  EXPECT_THAT(
      told({.data_parallel = 8, .sharding = Sharding::parameters, .optimizer_offload = 1, .overlap_offload = true}),
      ElementsAre("/overlap_offload"));  // copied when gathered
}

TEST(WithoutEffect, CommunicationOfOne) {
  EXPECT_THAT(told({.context_method = ContextMethod::all_to_all, .overlap_tensor = true}),
              ElementsAre("/context_method", "/overlap_tensor"));
  EXPECT_THAT(told({.tensor_parallel = 2,
                    .context_parallel = 2,
                    .context_method = ContextMethod::all_to_all,
                    .overlap_tensor = true}),
              IsEmpty());
  EXPECT_THAT(told({.schedule = PipelineSchedule::zero_bubble}), ElementsAre("/schedule"));
  EXPECT_THAT(told({.pipeline_parallel = 2, .overlap_pipeline = true}), ElementsAre("/overlap_pipeline"));
  EXPECT_THAT(told({.pipeline_parallel = 2, .virtual_stages = 2, .overlap_pipeline = true}), IsEmpty());
}

TEST(WithoutEffect, ExpertsOfADenseModel) {
  const TrainingPlan plan{.dispatch = Dispatch::per_rank,
                          .expert_kernels = ExpertKernels::fused,
                          .expert_imbalance = 2,
                          .overlap_experts = true};
  EXPECT_THAT(told(plan), ElementsAre("/dispatch", "/expert_kernels", "/expert_imbalance", "/overlap_experts"));
  EXPECT_THAT(told(plan, mixture()), ElementsAre("/dispatch", "/overlap_experts"));
  TrainingPlan spread = plan;
  spread.expert_parallel = 4;
  EXPECT_THAT(told(spread, mixture()), IsEmpty());
}

TEST(WithoutEffect, KernelsAndCasts) {
  EXPECT_THAT(told({.flash_attention = false, .attention_kernel = AttentionKernel::flash_attention_2}),
              ElementsAre("/attention_kernel"));
  EXPECT_THAT(told({.casts = Casts::per_operand, .gather_quantized = true}),
              ElementsAre("/casts", "/gather_quantized"));
  EXPECT_THAT(told({.precision = Precision::fp8,
                    .casts = Casts::per_operand,
                    .gather_quantized = true,
                    .sharding = Sharding::parameters}),
              IsEmpty());
  EXPECT_THAT(told({.frozen_vision = true}), ElementsAre("/frozen_vision"));
  EXPECT_THAT(told({.images = 1, .frozen_vision = true, .adapter_rank = 8}), ElementsAre("/frozen_vision"));
}

}  // namespace
}  // namespace plenum::workload
