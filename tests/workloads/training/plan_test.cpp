#include "workloads/training/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "random_plan.hpp"

namespace plenum::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Coordinates, RoundTrip) {
  EXPECT_TRUE(rc::check([] {
    const auto [model, plan] = random_case();
    for (std::int64_t rank = 0; rank < plan.ranks(); ++rank) {
      const Coordinates at = coordinates_of(plan, rank);
      RC_ASSERT(at.tensor < plan.tensor_parallel && at.context < plan.context_parallel);
      RC_ASSERT(at.data < plan.data_parallel && at.pipeline < plan.pipeline_parallel);
      RC_ASSERT(rank_of(plan, at) == rank);
    }
  }));
}

TEST(Coordinates, FollowTheOrder) {
  TrainingPlan plan;
  plan.tensor_parallel = 2;
  plan.pipeline_parallel = 3;
  plan.data_parallel = 5;
  EXPECT_EQ(coordinates_of(plan, 2).data, 1);
  EXPECT_EQ(coordinates_of(plan, 10).pipeline, 1);
  plan.order = RankOrder::tp_cp_pp_dp;
  EXPECT_EQ(coordinates_of(plan, 2).pipeline, 1);
  EXPECT_EQ(coordinates_of(plan, 6).data, 1);
}

Transformer small_model() {
  Transformer model{};
  model.layers = 8;
  model.hidden = 512;
  model.heads = 8;
  model.kv_heads = 4;
  model.vocabulary = 1000;
  model.context = 1024;
  model.fill_defaults();
  return model;
}

TrainingPlan good_plan() {
  TrainingPlan plan;
  plan.tensor_parallel = 2;
  plan.pipeline_parallel = 4;
  plan.global_batch = 16;
  return plan;
}

auto problems_of(TrainingPlan plan, std::int64_t gpus = 32) { return complete(plan, small_model(), gpus); }

TEST(Complete, FillsWhatIsMissing) {
  TrainingPlan plan = good_plan();
  EXPECT_THAT(complete(plan, small_model(), 32), IsEmpty());
  EXPECT_EQ(plan.data_parallel, 4);
  EXPECT_EQ(plan.sequence_length, 1024);
  EXPECT_EQ(plan.micro_batches(), 4);
}

TEST(Complete, RanksMustBeTheGpus) {
  EXPECT_THAT(problems_of(good_plan(), 36),
              ElementsAre(Pair("/pipeline_parallel",
                               "tensor x context x pipeline parallel = 2 x 1 x 4 = 8 ranks per "
                               "replica don't divide 36 GPUs")));
  TrainingPlan plan = good_plan();
  plan.data_parallel = 2;
  EXPECT_THAT(problems_of(plan), ElementsAre(Pair("/data_parallel",
                                                  "2 replicas of 8 ranks need 16 GPUs, the job has "
                                                  "32; 4 would be right")));
}

TEST(Complete, TensorParallelMustDivideTheModel) {
  TrainingPlan plan = good_plan();
  plan.tensor_parallel = 16;
  plan.pipeline_parallel = 2;
  EXPECT_THAT(problems_of(plan), ElementsAre(Pair("/tensor_parallel", "16 doesn't divide the model's heads (8)")));
}

TEST(Complete, ExpertsMustSplit) {
  Transformer model = small_model();
  TrainingPlan plan = good_plan();
  plan.expert_parallel = 2;
  EXPECT_THAT(complete(plan, model, 64),
              ElementsAre(Pair("/expert_parallel", "the model has no experts; 1 would be right")));
  model.experts = Experts{.count = 6, .active = 2, .ffn = 10};
  plan.expert_parallel = 4;
  plan.expert_tensor_parallel = 4;
  plan.sequence_parallel = false;
  EXPECT_THAT(complete(plan, model, 64),
              ElementsAre(Pair("/expert_parallel", "4 doesn't divide the model's experts (6)"),
                          Pair("/expert_tensor_parallel", "4 doesn't divide the experts' ffn (10)"),
                          Pair("/sequence_parallel",
                               "experts with tensor parallelism need it: each rank dispatches tokens of its own")));
}

TEST(ExpertCoordinates, RoundTripAndAreAllDifferent) {
  TrainingPlan plan;
  plan.tensor_parallel = 2;
  plan.context_parallel = 3;
  plan.data_parallel = 4;
  plan.pipeline_parallel = 2;
  plan.expert_parallel = 6;
  plan.expert_tensor_parallel = 2;
  for (std::size_t order = 0; order < names_of(RankOrder{}).size(); ++order) {
    plan.order = static_cast<RankOrder>(order);
    for (std::int64_t rank = 0; rank < plan.ranks(); ++rank) {
      const ExpertCoordinates at = expert_coordinates_of(plan, rank);
      EXPECT_LT(at.tensor, 2);
      EXPECT_LT(at.expert, 6);
      EXPECT_LT(at.data, 2);
      EXPECT_EQ(rank_of(plan, at, coordinates_of(plan, rank).pipeline), rank);
    }
  }
}

TEST(Complete, SequencesMustSplit) {
  TrainingPlan plan = good_plan();
  plan.sequence_length = 1023;
  EXPECT_THAT(problems_of(plan), ElementsAre(Pair("/sequence_parallel",
                                                  "tensor_parallel (2) doesn't divide the 1023 tokens of a sequence "
                                                  "on a rank")));
  plan.sequence_length = 1024;
  plan.context_parallel = 4;
  plan.pipeline_parallel = 1;
  plan.flash_attention = false;
  EXPECT_THAT(problems_of(plan),
              ElementsAre(Pair("/flash_attention", "context_parallel above 1 needs flash_attention")));
  plan.flash_attention = true;
  plan.sequence_length = 1020;
  EXPECT_THAT(problems_of(plan), ::testing::Contains(Pair("/context_parallel",
                                                          "sequence_length (1020) is not a multiple "
                                                          "of 2 x context_parallel (8)")));
}

TEST(Complete, PipelinesMustBeFilled) {
  TrainingPlan plan = good_plan();
  plan.virtual_stages = 3;
  EXPECT_THAT(problems_of(plan),
              ElementsAre(Pair("/virtual_stages",
                               "pipeline_parallel x virtual_stages = 4 x 3 = 12 chunks for 8 layers, "
                               "at most 10")));
  plan.virtual_stages = 2;
  plan.global_batch = 24;
  EXPECT_THAT(problems_of(plan), ElementsAre(Pair("/virtual_stages",
                                                  "interleaving needs micro-batches (6) in multiples "
                                                  "of pipeline_parallel (4)")));
  plan.pipeline_parallel = 1;
  plan.global_batch = 16;
  EXPECT_THAT(problems_of(plan),
              ElementsAre(Pair("/virtual_stages", "interleaving (2) needs pipeline_parallel above 1")));
}

TEST(Complete, BatchesMustSplit) {
  TrainingPlan plan = good_plan();
  plan.global_batch = 18;
  EXPECT_THAT(problems_of(plan), ElementsAre(Pair("/global_batch",
                                                  "18 is not a multiple of micro_batch x data_parallel "
                                                  "= 1 x 4 = 4")));
  plan = good_plan();
  plan.shards = 3;
  EXPECT_THAT(problems_of(plan),
              ElementsAre(Pair("/shards", "3 doesn't divide the 4 data- and context-parallel ranks")));
}

TEST(Complete, PrecisionMustBeOneOfTraining) {
  TrainingPlan plan = good_plan();
  plan.precision = Precision::int8;
  plan.gradient_precision = Precision::fp8;
  EXPECT_THAT(problems_of(plan),
              ElementsAre(Pair("/precision",
                               "\"int8\" is no precision of mixed-precision training; one of bf16, fp16, "
                               "fp8, fp8_block, mxfp8, nvfp4"),
                          Pair("/gradient_precision", "\"fp8\" is neither fp32 nor bf16")));
}

TEST(Complete, NonsenseStopsThere) {
  TrainingPlan plan = good_plan();
  plan.tensor_parallel = 0;
  plan.micro_batch = -1;
  plan.global_batch = std::numeric_limits<std::int64_t>::max();
  EXPECT_THAT(problems_of(plan),
              ElementsAre(Pair("/tensor_parallel", "0 is below 1"), Pair("/micro_batch", "-1 is below 1"),
                          Pair("/global_batch", "9223372036854775807 is more than any plan can have")));
}

TEST(Complete, LearnedPositionsEnd) {
  Transformer model = small_model();
  model.learned_positions = true;
  TrainingPlan plan = good_plan();
  plan.sequence_length = 2048;
  EXPECT_THAT(complete(plan, model, 32), ElementsAre(Pair("/sequence_length",
                                                          "2048 is longer than the model's 1024 "
                                                          "learned positions (context)")));
}

}  // namespace
}  // namespace plenum::workload
