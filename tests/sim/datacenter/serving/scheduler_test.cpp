// What goes into a step, and that no block and no token is lost on the way.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <numeric>

#include "sim/datacenter/serving/batch_scheduler.hpp"

namespace plenum::datacenter {
namespace {

workload::EngineProfile engine(workload::BatchPolicy policy) {
  workload::EngineProfile engine;
  engine.policy = policy;
  engine.token_budget = 100;
  engine.max_sequences = 8;
  engine.block_tokens = 4;
  engine.watermark = 0;
  return engine;
}

RankState rank_with(const std::vector<Sequence>& waiting, std::int64_t kv_tokens = 4000) {
  RankState rank;
  rank.blocks = KvBlocks(kv_tokens, 4);
  for (const auto& sequence : waiting) {
    rank.waiting.push_back(static_cast<std::uint32_t>(rank.sequences.size()));
    rank.sequences.push_back(sequence);
  }
  return rank;
}

/// What a replica does at the end of a step, without time.
void take(RankState& rank, const RankStep& step) {
  std::vector<std::uint32_t> decoded;
  for (const auto id : rank.running)
    if (!rank.sequences[id].reading() && step.decodes > 0) decoded.push_back(id);
  for (const auto id : decoded) {
    ++rank.sequences[id].computed;
    --rank.sequences[id].remaining;
    --rank.tokens_promised;
  }
  for (const auto& chunk : step.chunks) {
    rank.sequences[chunk.sequence].computed += chunk.tokens;
    if (!chunk.last) continue;
    --rank.sequences[chunk.sequence].remaining;
    --rank.tokens_promised;
  }
  std::erase_if(rank.running, [&](std::uint32_t id) {
    const Sequence& s = rank.sequences[id];
    const bool done = s.remaining <= 0 && !s.reading();
    if (done) rank.blocks.release(s.computed);
    return done;
  });
}

std::int64_t tokens_of(const RankStep& step) {
  return std::accumulate(step.chunks.begin(), step.chunks.end(), step.decodes,
                         [](std::int64_t sum, const PromptChunk& chunk) { return sum + chunk.tokens; });
}

TEST(MixedScheduler, CutsPromptsAtTheTokenBudget) {
  const auto scheduler = make_scheduler(engine(workload::BatchPolicy::mixed));
  auto rank = rank_with({{0, 70, 0, 5}, {1, 70, 0, 5}});
  RankStep step;
  scheduler->plan(rank, step);
  ASSERT_EQ(step.chunks.size(), 2u);
  EXPECT_EQ(step.chunks[0].tokens, 70);
  EXPECT_TRUE(step.chunks[0].last);
  EXPECT_EQ(step.chunks[1].tokens, 30);
  EXPECT_FALSE(step.chunks[1].last);
  take(rank, step);
  scheduler->plan(rank, step);
  EXPECT_EQ(step.decodes, 1);
  ASSERT_EQ(step.chunks.size(), 1u);
  EXPECT_EQ(step.chunks[0].tokens, 40);
  EXPECT_EQ(step.chunks[0].context, 30);
}

TEST(MixedScheduler, WithoutChunksAPromptWaitsForAWholeBudget) {
  auto profile = engine(workload::BatchPolicy::mixed);
  profile.chunked_prefill = false;
  const auto scheduler = make_scheduler(profile);
  auto rank = rank_with({{0, 70, 0, 5}, {1, 70, 0, 5}});
  RankStep step;
  scheduler->plan(rank, step);
  EXPECT_EQ(step.chunks.size(), 1u);
}

TEST(MixedScheduler, PromptsWaitBesideDecodesForMore) {
  auto profile = engine(workload::BatchPolicy::mixed);
  profile.batch_wait_steps = 3;
  profile.batch_wait_share = 0.9;
  const auto scheduler = make_scheduler(profile);
  const auto steps_until_read = [&](std::int32_t prompt) {
    auto rank = rank_with({{0, 20, 0, 30}});
    RankStep step;
    scheduler->plan(rank, step);  // nothing decodes: at once
    EXPECT_EQ(step.chunks.size(), 1u);
    take(rank, step);
    rank.waiting.push_back(1);
    rank.sequences.push_back({1, prompt, 0, 5});
    int steps = 0;
    for (scheduler->plan(rank, step); step.chunks.empty() && steps < 10; scheduler->plan(rank, step), ++steps)
      take(rank, step);
    return steps;
  };
  EXPECT_EQ(steps_until_read(20), 3);
  EXPECT_EQ(steps_until_read(95), 0);  // 0.9 of the budget of 100
}

TEST(PrefillFirstScheduler, DecodesWaitForPrompts) {
  const auto scheduler = make_scheduler(engine(workload::BatchPolicy::prefill_first));
  auto rank = rank_with({{0, 100, 0, 5}, {1, 50, 0, 5}});
  RankStep step;
  scheduler->plan(rank, step);
  take(rank, step);
  scheduler->plan(rank, step);
  EXPECT_EQ(step.decodes, 0);
  EXPECT_EQ(step.chunks.size(), 1u);
  take(rank, step);
  scheduler->plan(rank, step);
  EXPECT_EQ(step.decodes, 2);
  EXPECT_EQ(step.decode_context, 150);
}

TEST(Admission, ReservedOutputsKeepSequencesOut) {
  auto profile = engine(workload::BatchPolicy::mixed);
  profile.output_reserved = 1;
  const auto scheduler = make_scheduler(profile);
  // 40 tokens: the first needs 8 + 20, the second 8 + 20 as well.
  auto rank = rank_with({{0, 8, 0, 20}, {1, 8, 0, 20}}, 40);
  RankStep step;
  scheduler->plan(rank, step);
  EXPECT_EQ(step.chunks.size(), 1u);
  EXPECT_EQ(rank.waiting.size(), 1u);
}

TEST(Admission, APreemptedSequenceReadsEverythingAgain) {
  const auto scheduler = make_scheduler(engine(workload::BatchPolicy::mixed));
  auto rank = rank_with({{0, 8, 0, 20}, {1, 8, 0, 20}}, 20);  // five blocks: both can't grow for long
  RankStep step;
  for (int i = 0; i < 2 && rank.preemptions == 0; ++i) {
    scheduler->plan(rank, step);
    take(rank, step);
  }
  EXPECT_EQ(rank.preemptions, 1u);
  ASSERT_EQ(rank.waiting.size(), 1u);
  const Sequence& preempted = rank.sequences[rank.waiting.front()];
  EXPECT_EQ(preempted.computed, 0);
  EXPECT_EQ(preempted.to_read, 9);  // the prompt and the one token given
}

workload::EngineProfile any_engine() {
  auto profile = engine(*rc::gen::element(workload::BatchPolicy::mixed, workload::BatchPolicy::prefill_first));
  profile.chunked_prefill = *rc::gen::arbitrary<bool>();
  profile.output_reserved = *rc::gen::element(0.0, 0.5, 1.0);
  return profile;
}

std::vector<Sequence> any_sequences() {
  const auto count = static_cast<std::uint64_t>(*rc::gen::inRange(1, 20));
  std::vector<Sequence> sequences;
  for (std::uint64_t i = 0; i < count; ++i)
    sequences.push_back({i, *rc::gen::inRange(1, 100), 0, *rc::gen::inRange(1, 60)});
  return sequences;
}

/// A prompt that was preempted may have grown beyond the budget; engines that don't cut prompts read it whole.
void check_limits(const workload::EngineProfile& profile, const RankState& rank, const RankStep& step) {
  RC_ASSERT(!step.empty());
  RC_ASSERT(tokens_of(step) <= profile.token_budget || (!profile.chunked_prefill && step.chunks.size() == 1));
  RC_ASSERT(static_cast<std::int64_t>(rank.running.size()) <= profile.max_sequences);
}

TEST(Schedulers, LoseNeitherTokensNorBlocks) {
  const bool holds = rc::check("all tokens are given, all blocks come back", [] {
    const auto profile = any_engine();
    auto rank = rank_with(any_sequences(), *rc::gen::inRange(160, 1000));
    const auto scheduler = make_scheduler(profile);
    RankStep step;
    for (int steps = 0; !rank.waiting.empty() || !rank.running.empty(); ++steps) {
      RC_ASSERT(steps < 100000);
      scheduler->plan(rank, step);
      check_limits(profile, rank, step);
      take(rank, step);
    }
    RC_ASSERT(rank.blocks.free() == rank.blocks.total());
    RC_ASSERT(rank.tokens_promised == 0);
    for (const auto& sequence : rank.sequences) RC_ASSERT(sequence.remaining == 0);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace plenum::datacenter
