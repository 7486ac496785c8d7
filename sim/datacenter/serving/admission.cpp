#include "sim/datacenter/serving/admission.hpp"

#include <algorithm>
#include <cmath>

namespace plenum::datacenter {
namespace {

std::int32_t unread(const Sequence& sequence) { return sequence.to_read - sequence.computed; }

/// That a waiting sequence takes, those of its prefix that nobody else uses included.
std::int64_t blocks_for(const RankState& rank, const Sequence& waiting) {
  if (!waiting.prefix || waiting.computed > 0)
    return rank.blocks.blocks_of(std::max(waiting.to_read, waiting.computed));
  const auto match = rank.blocks.match(*waiting.prefix, waiting.to_read);
  return rank.blocks.blocks_of(waiting.to_read - match.tokens) + match.idle_kv_blocks;
}

}  // namespace

bool Admission::admits(const RankState& rank) const {
  if (rank.waiting.empty() || static_cast<std::int64_t>(rank.running.size()) >= engine_.max_sequences) return false;
  const Sequence& head = rank.sequences[rank.waiting.front()];
  if (!rank.has_room_for_adapter(head, options_.resident_adapters)) return false;
  const double promised = engine_.output_reserved * static_cast<double>(rank.tokens_promised + head.remaining);
  const std::int64_t held = rank.running.empty() ? 0 : std::llround(engine_.watermark * double(rank.blocks.total()));
  const std::int64_t kept = held + rank.blocks.blocks_of(std::llround(promised));
  // Alone on the rank a sequence is always admitted: it was refused at the door if it could never fit.
  const std::int64_t needed = blocks_for(rank, head) + (rank.running.empty() ? 0 : kept);
  return needed <= rank.blocks.free();
}

std::int32_t Admission::first_chunk(const RankState& rank, std::int64_t budget, bool step_is_empty) const {
  const Sequence& head = rank.sequences[rank.waiting.front()];
  std::int32_t whole = unread(head);
  if (head.prefix && head.computed == 0)
    whole = std::max(1, whole - rank.blocks.match(*head.prefix, head.to_read).tokens);
  if (whole <= budget) return whole;
  if (engine_.chunked_prefill) return static_cast<std::int32_t>(std::max<std::int64_t>(budget, 0));
  return step_is_empty ? whole : 0;
}

void Admission::start(RankState& rank) const {
  const std::uint32_t id = rank.waiting.front();
  rank.waiting.pop_front();
  rank.running.push_back(id);
  Sequence& sequence = rank.sequences[id];
  rank.tokens_promised += sequence.remaining;
  rank.use_adapter(sequence, options_.resident_adapters);
  if (sequence.computed == 0) return rank.use_cached(sequence);
  rank.blocks.grow(0, sequence.computed);  // it comes with what was computed before or elsewhere
  if (sequence.swapped) rank.swapped_tokens += sequence.computed;
  sequence.swapped = false;
}

void Admission::admit_read(RankState& rank) const {
  while (admits(rank) && !rank.sequences[rank.waiting.front()].reading()) start(rank);
}

void Admission::admit(RankState& rank, RankStep& step, std::int64_t budget) const {
  while (admits(rank)) {
    const std::uint32_t id = rank.waiting.front();
    const std::int32_t tokens = first_chunk(rank, budget, step.chunks.empty());
    if (tokens <= 0) return;
    start(rank);
    add_chunk(rank, step, id, tokens);
    budget -= tokens;
  }
}

bool Admission::waits_for_more(RankState& rank, const RankStep& step) const {
  if (engine_.batch_wait_steps == 0 || step.decodes == 0 || !step.chunks.empty() || !admits(rank)) return false;
  const double enough = engine_.batch_wait_share * static_cast<double>(engine_.token_budget);
  double tokens = static_cast<double>(step.decodes);
  for (auto id = rank.waiting.begin(); id != rank.waiting.end() && tokens < enough; ++id)
    tokens += static_cast<double>(unread(rank.sequences[*id]));
  const bool waits = tokens < enough && rank.waited < engine_.batch_wait_steps;
  rank.waited = waits ? rank.waited + 1 : 0;
  return waits;
}

std::int64_t Admission::continue_prompts(RankState& rank, RankStep& step, std::int64_t budget) const {
  for (std::size_t i = 0; i < rank.running.size() && budget > 0; ++i) {
    const std::uint32_t id = rank.running[i];
    const Sequence& sequence = rank.sequences[id];
    if (!sequence.reading()) continue;
    const auto tokens = static_cast<std::int32_t>(std::min<std::int64_t>(unread(sequence), budget));
    if (!make_room(rank, i, tokens)) break;
    step.chunks.push_back({id, tokens, sequence.computed, tokens == unread(sequence)});
    budget -= tokens;
  }
  return budget;
}

void Admission::add_decodes(RankState& rank, RankStep& step) const {
  step.tokens_per_decode = 1 + options_.drafted;
  for (std::size_t i = 0; i < rank.running.size(); ++i) {
    const Sequence& sequence = rank.sequences[rank.running[i]];
    if (sequence.reading()) continue;
    if (!make_room(rank, i, 1 + options_.drafted)) return;
    ++step.decodes;
    step.decode_context += sequence.computed;
  }
}

void Admission::add_chunk(RankState& rank, RankStep& step, std::uint32_t id, std::int32_t tokens) const {
  const Sequence& sequence = rank.sequences[id];
  rank.grow(sequence, tokens);
  step.chunks.push_back({id, tokens, sequence.computed, tokens == unread(sequence)});
}

/// Those younger than a sequence have taken no block for this step yet.
bool Admission::make_room(RankState& rank, std::size_t index, std::int32_t tokens) const {
  const Sequence& sequence = rank.sequences[rank.running[index]];
  while (!rank.grow(sequence, tokens)) {
    const bool itself = index + 1 == rank.running.size();
    preempt_youngest(rank);
    if (itself) return false;
  }
  return true;
}

void Admission::preempt_youngest(RankState& rank) const {
  const std::uint32_t id = rank.running.back();
  Sequence& sequence = rank.sequences[id];
  rank.running.pop_back();
  rank.give_back(sequence);
  rank.leave_adapter(sequence);
  rank.tokens_promised -= sequence.remaining;
  rank.waiting.push_front(id);
  ++rank.preemptions;
  if (options_.swap && sequence.computed > 0)
    swap_out(rank, sequence);
  else
    forget(rank, sequence);
}

void Admission::swap_out(RankState& rank, Sequence& sequence) const {
  sequence.swapped = true;
  rank.swapped_tokens += sequence.computed;
}

void Admission::forget(RankState& rank, Sequence& sequence) const {
  rank.tokens_ahead -= unread(sequence);
  if (!sequence.reading()) sequence.to_read = sequence.computed + 1;  // its last token was never computed
  rank.dropped_tokens += sequence.computed;
  sequence.computed = 0;
  rank.tokens_ahead += sequence.to_read;
}

}  // namespace plenum::datacenter
