#include "sim/datacenter/serving/replica.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace plenum::datacenter {
namespace {

/// Decode attention is priced at both ends of a run; beyond so many steps its curve would show.
constexpr std::int64_t longest_run = 256;

}  // namespace

Seconds Replica::Run::length(std::int64_t count) const {
  const auto n = static_cast<double>(count);
  return first * n + growth * (n * (n - 1) / 2);
}

/// The least number of steps that are not over after this time.
std::int64_t Replica::Run::steps_begun(Seconds after) const {
  std::int64_t low = 1, high = steps;
  while (low < high) {
    const std::int64_t middle = (low + high) / 2;
    if (length(middle) > after)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

Replica::Replica(const scenario::BoundServing& job, const scenario::Pool& pool, StepPrices& prices,
                 engine::Engine& engine, Observer observer)
    : kv_tokens_(pool.kv_tokens),
      gpus_(pool.plan.gpus()),
      prices_(prices),
      engine_(engine),
      observer_(std::move(observer)),
      scheduler_(make_scheduler(job.engine)),
      ranks_(static_cast<std::size_t>(pool.plan.attention_data_parallel)),
      steps_(ranks_.size()) {
  for (RankState& rank : ranks_) rank.blocks = KvBlocks(kv_tokens_, job.engine.block_tokens);
}

bool Replica::fits(std::int64_t prompt, std::int64_t output) const {
  const KvBlocks& blocks = ranks_.front().blocks;
  return blocks.blocks_of(prompt + output) <= blocks.total();
}

std::int64_t Replica::tokens_ahead() const {
  std::int64_t tokens = 0;
  for (const RankState& rank : ranks_) tokens += rank.tokens_ahead;
  return tokens;
}

std::int64_t Replica::in_house() const {
  std::size_t sequences = 0;
  for (const RankState& rank : ranks_) sequences += rank.waiting.size() + rank.running.size();
  return static_cast<std::int64_t>(sequences);
}

RankState& Replica::least_loaded_rank() { return *std::ranges::min_element(ranks_, {}, &RankState::tokens_ahead); }

void Replica::submit(std::uint64_t request, std::int32_t prompt, std::int32_t output, std::int32_t read) {
  RankState& rank = least_loaded_rank();
  if (rank.unused.empty()) {
    rank.unused.push_back(static_cast<std::uint32_t>(rank.sequences.size()));
    rank.sequences.emplace_back();
  }
  const std::uint32_t id = rank.unused.back();
  rank.unused.pop_back();
  rank.sequences[id] = {request, prompt, read, output};
  rank.waiting.push_back(id);
  rank.tokens_ahead += prompt - read + output;
  counters_.peak_waiting = std::max(counters_.peak_waiting, static_cast<std::int64_t>(rank.waiting.size()));
  if (!busy_) {
    // Whoever arrives at the same moment goes into the same step.
    busy_ = true;
    engine_.after(Seconds(0), [this] { begin_step(); });
  } else if (run_.steps > 1 && scheduler_->admits(rank)) {
    cut_run();
  }
}

bool Replica::plan_ranks() {
  bool anything = false;
  for (std::size_t i = 0; i < ranks_.size(); ++i) {
    scheduler_->plan(ranks_[i], steps_[i]);
    anything |= !steps_[i].empty();
  }
  return anything;
}

void Replica::begin_step() {
  run_ = {};
  busy_ = plan_ranks();
  if (!busy_) {
    if (in_house() > 0) throw std::logic_error("a replica has sequences and nothing to do");
    return;
  }
  if (only_decodes()) return start_run();
  const Seconds time = prices_.step(steps_);
  count(time, 1);
  engine_.after(time, [this] { finish_step(); });
}

bool Replica::only_decodes() const {
  for (std::size_t i = 0; i < ranks_.size(); ++i)
    if (!steps_[i].chunks.empty() || steps_[i].decodes < static_cast<std::int64_t>(ranks_[i].running.size()))
      return false;
  return true;
}

/// Steps until a sequence is done, the blocks may run out, or the run is long enough. The first one has its blocks.
std::int64_t Replica::steps_without_change() const {
  std::int64_t steps = longest_run;
  for (const RankState& rank : ranks_) {
    if (rank.running.empty()) continue;
    for (const std::uint32_t id : rank.running) steps = std::min<std::int64_t>(steps, rank.sequences[id].remaining);
    const std::int64_t blocks_each = rank.blocks.free() / static_cast<std::int64_t>(rank.running.size());
    steps = std::min(steps, 1 + blocks_each * rank.blocks.per_block());
  }
  return std::max<std::int64_t>(1, steps);
}

void Replica::start_run() {
  const auto most = std::ranges::max_element(steps_, {}, &RankStep::decodes);
  run_.steps = steps_without_change();
  run_.begin = engine_.now();
  std::int64_t all = 0;
  for (const RankStep& step : steps_) all += step.decodes;
  run_.first = prices_.decode_step(most->decodes, most->decode_context, all);
  if (run_.steps > 1) {
    const std::int64_t more = run_.steps - 1;
    const Seconds last = prices_.decode_step(most->decodes, most->decode_context + more * most->decodes, all);
    run_.growth = (last - run_.first) / static_cast<double>(more);
  }
  timer_ = engine_.after(run_.length(run_.steps), [this] { finish_run(); });
}

void Replica::cut_run() {
  const Seconds passed = engine_.now() - run_.begin;
  const std::int64_t begun = run_.steps_begun(passed);
  if (begun == run_.steps) return;
  engine_.cancel(timer_);
  run_.steps = begun;
  const Seconds left = run_.length(begun) - passed;
  timer_ = engine_.after(std::max(left, Seconds(0)), [this] { finish_run(); });
}

void Replica::count(Seconds time, double steps) {
  counters_.steps += steps;
  counters_.busy_seconds += time.value();
  for (std::size_t i = 0; i < ranks_.size(); ++i) {
    counters_.sequence_seconds += time.value() * static_cast<double>(ranks_[i].running.size());
    counters_.decoded_tokens += steps * static_cast<double>(steps_[i].decodes);
    count_intervals(ranks_[i], steps_[i], time, steps);
    for (const auto& chunk : steps_[i].chunks) counters_.read_tokens += chunk.tokens;
  }
}

void Replica::count_intervals(RankState& rank, const RankStep& step, Seconds time, double steps) {
  const auto decodes = static_cast<double>(step.decodes);
  if (step.decodes == 0) {
    rank.stall += time.value();
    return;
  }
  intervals_.add(time / steps + Seconds(rank.stall), decodes);
  if (steps > 1) intervals_.add(time / steps, (steps - 1) * decodes);
  rank.stall = 0;
}

void Replica::finish_run() {
  const auto steps = static_cast<std::int32_t>(run_.steps);
  count(run_.length(run_.steps), steps);
  run_ = {};
  for (RankState& rank : ranks_) {
    for (const std::uint32_t id : rank.running) {
      Sequence& sequence = rank.sequences[id];
      // The first step's blocks were taken when it was planned.
      if (!rank.blocks.grow(sequence.computed + 1, sequence.computed + steps))
        throw std::logic_error("a run of decodes ran out of KV blocks");
      sequence.computed += steps;
      sequence.remaining -= steps;
    }
    const auto tokens = static_cast<std::int64_t>(rank.running.size()) * steps;
    rank.tokens_promised -= tokens;
    rank.tokens_ahead -= tokens;
    take_out_finished(rank);
  }
  begin_step();
}

void Replica::give_token(RankState& rank, std::uint32_t id) {
  Sequence& sequence = rank.sequences[id];
  --sequence.remaining;
  --rank.tokens_promised;
  --rank.tokens_ahead;
}

void Replica::finish_step() {
  for (std::size_t i = 0; i < ranks_.size(); ++i) {
    RankState& rank = ranks_[i];
    if (steps_[i].decodes > 0) {
      for (const std::uint32_t id : rank.running) {
        Sequence& sequence = rank.sequences[id];
        if (sequence.reading()) continue;
        ++sequence.computed;
        give_token(rank, id);
      }
    }
    for (const PromptChunk& chunk : steps_[i].chunks) {
      Sequence& sequence = rank.sequences[chunk.sequence];
      sequence.computed += chunk.tokens;
      rank.tokens_ahead -= chunk.tokens;
      if (!chunk.last) continue;
      observer_.first_token(sequence.request);
      give_token(rank, chunk.sequence);
    }
    take_out_finished(rank);
  }
  begin_step();
}

void Replica::take_out_finished(RankState& rank) {
  const auto kept = std::ranges::stable_partition(
      rank.running, [&](std::uint32_t id) { return rank.sequences[id].remaining > 0 || rank.sequences[id].reading(); });
  for (const std::uint32_t id : kept) finish(rank, id);
  rank.running.erase(kept.begin(), kept.end());
}

void Replica::finish(RankState& rank, std::uint32_t id) {
  rank.blocks.release(rank.sequences[id].computed);
  rank.unused.push_back(id);
  observer_.done(rank.sequences[id].request);
}

void Replica::report(PoolCounters& pool) const {
  ++pool.replicas;
  pool.gpus += gpus_;
  pool.steps += counters_.steps;
  pool.busy_seconds += counters_.busy_seconds;
  pool.decoded_tokens += counters_.decoded_tokens;
  pool.read_tokens += counters_.read_tokens;
  pool.sequence_seconds += counters_.sequence_seconds;
  pool.peak_waiting = std::max(pool.peak_waiting, counters_.peak_waiting);
  for (const RankState& rank : ranks_) {
    if (rank.blocks.free() != rank.blocks.total() || !rank.waiting.empty() || !rank.running.empty())
      throw std::logic_error("a replica ended with sequences or KV blocks in use");
    pool.kv_tokens += rank.blocks.total() * rank.blocks.per_block();
    pool.peak_kv_tokens += rank.blocks.peak() * rank.blocks.per_block();
    pool.preemptions += rank.preemptions;
  }
}

}  // namespace plenum::datacenter
