// A replica's loop: a step begins, its time passes, it ends, and the next one begins.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/datacenter/serving/replica.hpp"

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

/// Of a run in progress, those of the steps that are over.
double Replica::given_tokens() const {
  std::int64_t tokens = counters_.given_tokens;
  if (run_.steps > 0)
    for (const RankStep& step : steps_) tokens += (run_.steps_begun(engine_.now() - run_.begin) - 1) * step.decodes;
  return static_cast<double>(tokens);
}

void Replica::balance_prompts() {
  if (!balance_.on()) return;
  const auto has_a_prompt = [this](const RankState& rank) { return scheduler_->admits(rank); };
  const auto decodes = [](const RankState& rank) { return !rank.running.empty(); };
  const bool start =
      balance_.lets_start(std::ranges::all_of(ranks_, has_a_prompt), std::ranges::all_of(ranks_, decodes));
  for (RankState& rank : ranks_) rank.closed = !start;
}

/// Sequences whose prompt was read elsewhere hand over its token when they are admitted.
bool Replica::plan_ranks() {
  bool anything = false;
  for (std::size_t i = 0; i < ranks_.size(); ++i) {
    RankState& rank = ranks_[i];
    const std::size_t before = rank.running.size();
    scheduler_->plan(rank, steps_[i]);
    anything |= !steps_[i].empty();
    for (std::size_t place = before; place < rank.running.size(); ++place)
      if (const Sequence& sequence = rank.sequences[rank.running[place]]; !sequence.reading())
        observer_.first_token(sequence.request);
  }
  return anything;
}

/// The first step from `step` of a run on after which the scheduler looks for new requests.
std::int64_t Replica::next_look(std::int64_t step) const {
  const std::int64_t since = steps_since_look_ + step, n = receive_interval_;
  return (since + n - 1) / n * n - steps_since_look_;
}

/// Looks for new requests, if it is time to.
void Replica::receive() {
  const auto idle = [](const RankState& rank) { return rank.running.empty() && rank.waiting.empty(); };
  if (steps_since_look_ % receive_interval_ != 0 && !std::ranges::all_of(ranks_, idle)) return;
  steps_since_look_ = 0;
  for (RankState& rank : ranks_) {
    for (const std::uint32_t id : rank.arrived) wait(rank, id);
    rank.arrived.clear();
  }
}

void Replica::begin_step() {
  run_ = {};
  receive();
  balance_prompts();
  busy_ = plan_ranks();
  tell_tokens_ahead();
  if (!busy_) {
    if (in_house() > fetching_) throw std::logic_error("a replica has sequences and nothing to do");
    return;
  }
  const Seconds moved = extras_ ? extras_->moved(ranks_) : Seconds(0);
  if (only_decodes() && drafted_ == 0 && moved.value() == 0) return start_run();
  Seconds time = prices_.step(steps_, slowdown_) + moved;
  if (extras_) time += slowdown_ * extras_->per_step(ranks_, steps_);
  count(time, 1);
  if (!only_decodes()) counters_.reading_seconds += std::max(Seconds(0), time - decodes_alone()).value();
  engine_.after(time, [this] { finish_step(); });
}

/// What the step would take without its prompts.
Seconds Replica::decodes_alone() {
  const auto most = std::ranges::max_element(steps_, {}, &RankStep::decodes);
  if (most->decodes == 0) return Seconds(0);
  std::int64_t all = 0;
  for (const RankStep& step : steps_) all += step.decodes;
  return prices_.decode_step(most->decodes, most->decode_context, all, most->tokens_per_decode, slowdown_);
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
  const auto somebody = [](const RankState& rank) { return !rank.arrived.empty(); };
  if (std::ranges::any_of(ranks_, somebody)) run_.steps = std::min(run_.steps, next_look(1));
  if (std::ranges::any_of(ranks_, [](const RankState& rank) { return rank.waited > 0; })) run_.steps = 1;
  const auto held_back = [](const RankState& rank) { return rank.closed && !rank.waiting.empty(); };
  if (std::ranges::any_of(ranks_, held_back)) run_.steps = std::min(run_.steps, 1 + balance_.steps_closed());
  run_.begin = engine_.now();
  std::int64_t all = 0;
  for (const RankStep& step : steps_) all += step.decodes;
  run_.first = prices_.decode_step(most->decodes, most->decode_context, all, 1, slowdown_);
  if (run_.steps > 1) {
    const std::int64_t more = run_.steps - 1;
    const Seconds last =
        prices_.decode_step(most->decodes, most->decode_context + more * most->decodes, all, 1, slowdown_);
    run_.growth = (last - run_.first) / static_cast<double>(more);
  }
  if (extras_) run_.first += slowdown_ * extras_->per_step(ranks_, steps_);
  timer_ = engine_.after(run_.length(run_.steps), [this] { finish_run(); });
}

/// The run ends after so many steps, the last of which is not over.
void Replica::cut_run(std::int64_t steps) {
  if (steps >= run_.steps) return;
  engine_.cancel(timer_);
  run_.steps = steps;
  const Seconds left = run_.length(steps) - (engine_.now() - run_.begin);
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
  steps_since_look_ += steps;
  if (balance_.on()) balance_.pass(steps - 1);
  count(run_.length(run_.steps), steps);
  run_ = {};
  for (RankState& rank : ranks_) {
    for (const std::uint32_t id : rank.running) {
      Sequence& sequence = rank.sequences[id];
      // The first step's blocks were taken when it was planned.
      if (!rank.blocks.grow(sequence.own(sequence.computed + 1), sequence.own(sequence.computed + steps)))
        throw std::logic_error("a run of decodes ran out of KV blocks");
      sequence.computed += steps;
      sequence.remaining -= steps;
    }
    const auto tokens = static_cast<std::int64_t>(rank.running.size()) * steps;
    rank.tokens_promised -= tokens;
    rank.tokens_ahead -= tokens;
    counters_.given_tokens += tokens;
    counters_.computed_tokens += tokens;
    take_out_finished(rank);
  }
  begin_step();
}

void Replica::give_tokens(RankState& rank, Sequence& sequence, std::int32_t tokens) {
  sequence.remaining -= tokens;
  rank.tokens_promised -= tokens;
  rank.tokens_ahead -= tokens;
  counters_.given_tokens += tokens;
}

/// Drafted tokens that are right, up to the first that is wrong, and the one that verification gives for it.
std::int32_t Replica::accepted() {
  std::int32_t tokens = 1;
  while (tokens <= drafted_ && random_.uniform() < acceptance_) ++tokens;
  return tokens;
}

/// Blocks for what was drafted and refused come back.
void Replica::decode(RankState& rank, Sequence& sequence) {
  const std::int32_t tokens = drafted_ > 0 ? std::min(accepted(), sequence.remaining) : 1;
  if (drafted_ > 0)
    rank.blocks.shrink(sequence.own(sequence.computed + 1 + drafted_), sequence.own(sequence.computed + tokens));
  sequence.computed += tokens;
  counters_.computed_tokens += tokens;
  give_tokens(rank, sequence, tokens);
}

void Replica::finish_step() {
  ++steps_since_look_;
  for (std::size_t i = 0; i < ranks_.size(); ++i) {
    RankState& rank = ranks_[i];
    if (steps_[i].decodes > 0) {
      for (const std::uint32_t id : rank.running)
        if (!rank.sequences[id].reading()) decode(rank, rank.sequences[id]);
    }
    for (const PromptChunk& chunk : steps_[i].chunks) {
      Sequence& sequence = rank.sequences[chunk.sequence];
      sequence.computed += chunk.tokens;
      counters_.computed_tokens += chunk.tokens;
      rank.share_computed(sequence);
      rank.tokens_ahead -= chunk.tokens;
      if (!chunk.last) continue;
      observer_.first_token(sequence.request);
      give_tokens(rank, sequence, 1);
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
  Sequence& sequence = rank.sequences[id];
  rank.share_computed(sequence);
  rank.give_back(sequence);
  rank.leave_adapter(sequence);
  counters_.kept_tokens += sequence.computed;
  sequence.prefix.reset();
  rank.unused.push_back(id);
  observer_.done(sequence.request);
}

}  // namespace plenum::datacenter
