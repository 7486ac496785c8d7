#include "sim/datacenter/serving/replica.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace plenum::datacenter {
namespace {

ScheduleOptions options_of(const scenario::ServingOptions& options) {
  return {.drafted = options.speculation ? static_cast<std::int32_t>(options.speculation->tokens) : 0,
          .swap = options.preemption == scenario::Preemption::swap,
          .resident_adapters = options.adapters ? options.adapters->resident : 0};
}

std::int64_t ranks_of(const scenario::Pool& pool) { return pool.plan.attention_data_parallel; }

/// A step is a round of all stages' micro-batches, each of which has the engine's budget of tokens.
workload::EngineProfile of_a_round(workload::EngineProfile engine, const workload::ServingPlan& plan) {
  engine.token_budget *= plan.pipeline_parallel;
  return engine;
}

std::int64_t cached(const RankState& rank, const workload::Prefix* prefix, std::int32_t prompt) {
  return prefix ? rank.blocks.match(*prefix, prompt).tokens : 0;
}

}  // namespace

Replica::Replica(const scenario::BoundServing& job, const scenario::Pool& pool, engine::Engine& engine,
                 const Parts& parts, Place place, PrefixTiers tiers)
    : kv_tokens_(pool.kv_tokens),
      gpus_(pool.plan.gpus()),
      receive_interval_(job.engine.receive_interval),
      prices_(parts.prices),
      extras_(parts.extras),
      tokens_ahead_(parts.tokens_ahead),
      place_(place.index),
      slowdown_(place.slowdown),
      engine_(engine),
      observer_(parts.observer),
      scheduler_(make_scheduler(of_a_round(job.engine, pool.plan), options_of(job.options))),
      balance_(ranks_of(pool) > 1 ? job.engine.balance_timeout_steps : 0, job.engine.balance_batching_steps),
      store_(std::move(tiers)),
      ranks_(static_cast<std::size_t>(ranks_of(pool))),
      steps_(ranks_.size()),
      drafted_(options_of(job.options).drafted),
      acceptance_(job.options.speculation ? job.options.speculation->acceptance : 0),
      random_(mix(parts.seed) + place.index, "acceptance") {
  KvBlocks::OnEvict on_evict;
  if (!store_.empty()) on_evict = [this](std::uint64_t id, std::int32_t tokens) { store_.put(id, tokens); };
  for (RankState& rank : ranks_) rank.blocks = KvBlocks(kv_tokens_, job.engine.block_tokens, on_evict);
}

bool Replica::fits(std::int64_t prompt, std::int64_t output) const {
  const KvBlocks& blocks = ranks_.front().blocks;
  return blocks.blocks_of(prompt + output) <= blocks.total();
}

void Replica::tell_tokens_ahead() {
  std::int64_t tokens = expected_;
  for (const RankState& rank : ranks_) tokens += rank.tokens_ahead;
  tokens_ahead_[place_] = tokens;
}

void Replica::expect(std::int64_t tokens) {
  expected_ += tokens;
  tell_tokens_ahead();
}

std::int64_t Replica::waiting() const {
  std::int64_t sequences = fetching_;
  for (const RankState& rank : ranks_)
    sequences += static_cast<std::int64_t>(rank.arrived.size() + rank.waiting.size());
  return sequences;
}

std::int64_t Replica::running() const {
  std::int64_t sequences = 0;
  for (const RankState& rank : ranks_) sequences += static_cast<std::int64_t>(rank.running.size());
  return sequences;
}

std::int64_t Replica::in_house() const { return waiting() + running(); }

double Replica::kv_use() const {
  double used = 0, total = 0;
  for (const RankState& rank : ranks_) {
    used += static_cast<double>(rank.blocks.used());
    total += static_cast<double>(rank.blocks.total());
  }
  return used / total;
}

std::int64_t Replica::tokens_until_read(const workload::Request& request) const {
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  for (const RankState& rank : ranks_)
    fewest = std::min(fewest, rank.tokens_ahead - cached(rank, request.prefix.get(), request.prompt));
  return fewest + request.prompt + expected_ / static_cast<std::int64_t>(ranks_.size());
}

RankState& Replica::rank_for(const Order& order) {
  if (ranks_.size() == 1) return ranks_.front();
  return *std::ranges::min_element(ranks_, {}, [&](const RankState& rank) {
    return rank.tokens_ahead - cached(rank, order.prefix.get(), order.prompt);
  });
}

void Replica::submit(Order order) {
  RankState& rank = rank_for(order);
  expected_ -= order.expected;
  rank.tokens_ahead += order.prompt - order.read + order.output;
  tell_tokens_ahead();
  if (order.prefix && !store_.empty()) return fetch(rank, std::move(order));
  enqueue(rank, std::move(order));
}

/// Without room for it the rest of the prefix is computed again.
void Replica::fetch(RankState& rank, Order order) {
  const auto& prefix = *order.prefix;
  const std::size_t here = rank.blocks.match(prefix, order.prompt).count;
  const std::size_t end = store_.match(prefix, here, order.prompt);
  if (end == here) return enqueue(rank, std::move(order));
  ++fetching_;
  store_.read(prefix, here, end, [this, &rank, order, here, end] {
    --fetching_;
    for (std::size_t block = here; block < end; ++block) {
      const std::int32_t begin = block > 0 ? order.prefix->end_of(block - 1) : 0;
      rank.blocks.put(order.prefix->ids[block], order.prefix->end_of(block) - begin);
    }
    enqueue(rank, order);
  });
}

/// Behind those of its priority.
void Replica::wait(RankState& rank, std::uint32_t id) const {
  auto place = rank.waiting.end();
  while (place != rank.waiting.begin() && rank.sequences[*std::prev(place)].priority < rank.sequences[id].priority)
    --place;
  rank.waiting.insert(place, id);
}

void Replica::enqueue(RankState& rank, Order order) {
  if (rank.unused.empty()) {
    rank.unused.push_back(static_cast<std::uint32_t>(rank.sequences.size()));
    rank.sequences.emplace_back();
  }
  const std::uint32_t id = rank.unused.back();
  rank.unused.pop_back();
  Sequence& sequence = rank.sequences[id];
  sequence = {order.request, order.prompt, order.read, order.output, std::move(order.prefix)};
  sequence.priority = order.priority;
  sequence.adapter = order.adapter;
  counters_.received_tokens += order.read;
  (receive_interval_ > 1 ? rank.arrived.push_back(id) : wait(rank, id));
  const std::size_t waiting = rank.arrived.size() + rank.waiting.size();
  counters_.peak_waiting = std::max(counters_.peak_waiting, static_cast<std::int64_t>(waiting));
  if (!busy_) {
    // Whoever arrives at the same moment goes into the same step.
    busy_ = true;
    engine_.after(Seconds(0), [this] { begin_step(); });
  } else if (run_.steps > 1 && (receive_interval_ > 1 || scheduler_->admits(rank))) {
    cut_run(next_look(run_.steps_begun(engine_.now() - run_.begin)));
  }
}

void Replica::report(PoolCounters& pool) const {
  ++pool.replicas;
  pool.gpus += gpus_;
  pool.steps += counters_.steps;
  pool.busy_seconds += counters_.busy_seconds;
  pool.reading_seconds += counters_.reading_seconds;
  pool.decoded_tokens += counters_.decoded_tokens;
  pool.read_tokens += counters_.read_tokens;
  pool.sequence_seconds += counters_.sequence_seconds;
  pool.peak_waiting = std::max(pool.peak_waiting, counters_.peak_waiting);
  pool.given_tokens += counters_.given_tokens;
  pool.computed_tokens += counters_.computed_tokens;
  pool.received_tokens += counters_.received_tokens;
  pool.kept_tokens += counters_.kept_tokens;
  std::int64_t came = counters_.computed_tokens + counters_.received_tokens, went = counters_.kept_tokens;
  for (const RankState& rank : ranks_) {
    if (rank.blocks.free() != rank.blocks.total() || !rank.waiting.empty() || !rank.running.empty())
      throw std::logic_error("a replica ended with sequences or KV blocks in use");
    came += rank.found_tokens;
    went += rank.dropped_tokens;
    pool.kv_tokens += rank.blocks.total() * rank.blocks.per_block();
    pool.peak_kv_tokens += rank.blocks.peak() * rank.blocks.per_block();
    pool.preemptions += rank.preemptions;
    pool.hits.blocks += rank.hits.blocks;
    pool.hits.hit_blocks += rank.hits.hit_blocks;
    pool.hits.tokens += rank.hits.tokens;
    pool.hits.hit_tokens += rank.hits.hit_tokens;
  }
  if (came != went) throw std::logic_error("tokens were computed that nobody had, or lost");
  pool.tier_tokens.resize(store_.read_tokens().size());
  for (std::size_t tier = 0; tier < pool.tier_tokens.size(); ++tier)
    pool.tier_tokens[tier] += store_.read_tokens()[tier];
}

}  // namespace plenum::datacenter
