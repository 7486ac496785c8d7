#include "workloads/reinforcement/packing.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace plenum::workload {
namespace {

Samples of_length(std::size_t count, std::int32_t tokens) {
  return Samples(count, Sample{.group = 0, .prompt = tokens / 4, .response = tokens - tokens / 4});
}

TrainingPlan plan_of(std::int64_t data_parallel, std::int64_t micro_batch, std::int64_t sequence_length) {
  TrainingPlan plan;
  plan.data_parallel = data_parallel;
  plan.micro_batch = micro_batch;
  plan.sequence_length = sequence_length;
  return plan;
}

TEST(Bins, HoldTheLongestFirst) {
  EXPECT_EQ(bins_of({6, 5, 4, 3, 2}, 10), 2);  // 6 + 4, 5 + 3 + 2
  EXPECT_EQ(bins_of({10, 10, 1}, 10), 3);
  EXPECT_EQ(bins_of({5, 5, 5, 5}, 10), 2);
  EXPECT_EQ(bins_of({}, 10), 0);
}

TEST(Packing, LeavesWholeSequencesAsTheyAre) {
  const auto packed = workload::packed(plan_of(4, 2, 1024), of_length(64, 1024));
  EXPECT_EQ(packed.micro_batch, 2);
  EXPECT_EQ(packed.sequence_length, 1024);
  EXPECT_EQ(packed.global_batch, 64);
}

TEST(Packing, PutsShortSamplesTogether) {
  const auto packed = workload::packed(plan_of(2, 1, 4096), of_length(64, 512));
  EXPECT_EQ(packed.micro_batch, 8);
  EXPECT_EQ(packed.sequence_length, 512);
  EXPECT_EQ(packed.micro_batches(), 4);  // 64 x 512 tokens over 2 ranks in bins of 4,096
}

/// Rounding adds at most one token to each sequence, and moves the scores by at most one sequence per micro-batch.
TEST(Packing, KeepsTokensAndScores) {
  const SampleSpecification specification{.prompts = 16,
                                          .samples_per_prompt = 8,
                                          .prompt = {.tokens = 100},
                                          .response = {.kind = LengthKind::log_normal, .tokens = 900}};
  const auto samples = draw_samples(specification, 4096, 7);
  const auto packed = workload::packed(plan_of(4, 4, 4096), samples);
  double tokens = 0, scores = 0;
  for (const auto& sample : samples) {
    tokens += sample.tokens();
    scores += static_cast<double>(sample.tokens()) * sample.tokens();
  }
  const auto sequences = static_cast<double>(packed.global_batch), length = static_cast<double>(packed.sequence_length);
  EXPECT_GE(sequences * length, tokens);
  EXPECT_LE(sequences * length, tokens + sequences);
  EXPECT_NEAR(sequences * length * length / scores, 1, 0.5 / static_cast<double>(packed.micro_batch));
  EXPECT_LE(packed.micro_batch * packed.sequence_length, 4 * 4096 + packed.micro_batch);
}

TEST(Packing, FollowsTheSchedulesRules) {
  auto plan = plan_of(1, 1, 1000);
  plan.pipeline_parallel = 4;
  plan.virtual_stages = 2;
  EXPECT_EQ(packed(plan, of_length(9, 1000)).micro_batches(), 12);
  plan.schedule = PipelineSchedule::dualpipe_v;
  EXPECT_EQ(packed(plan, of_length(3, 1000)).micro_batches(), 8);
}

TEST(Samples, OfAGroupShareTheirPrompt) {
  const SampleSpecification specification{.prompts = 5,
                                          .samples_per_prompt = 3,
                                          .prompt = {.kind = LengthKind::uniform, .tokens = 300, .minimum = 10},
                                          .response = {.kind = LengthKind::log_normal, .tokens = 3000}};
  const auto samples = draw_samples(specification, 2048, 1);
  ASSERT_EQ(samples.size(), 15u);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(samples[i].group, static_cast<std::int64_t>(i % 5));
    EXPECT_EQ(samples[i].prompt, samples[i % 5].prompt);
    EXPECT_LE(samples[i].tokens(), 2048);
    EXPECT_GE(samples[i].response, 1);
  }
}

TEST(Samples, ComeAllAtOnceWithTheirGroupsPrefix) {
  const auto requests = requests_of({{0, 40, 7}, {1, 10, 8}, {0, 40, 9}}, 16);
  const auto first = requests->next(), second = requests->next(), third = requests->next();
  ASSERT_TRUE(first && second && third);
  EXPECT_FALSE(requests->next());
  EXPECT_EQ(first->arrival.value(), 0);
  EXPECT_EQ(third->output, 9);
  EXPECT_EQ(first->prefix->ids.size(), 2u);  // whole blocks
  EXPECT_EQ(first->prefix->tokens, 32);
  EXPECT_EQ(first->prefix->ids, third->prefix->ids);
  EXPECT_TRUE(second->prefix->ids.empty());
}

}  // namespace
}  // namespace plenum::workload
