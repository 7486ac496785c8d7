#include "sim/datacenter/serving/sequence.hpp"

namespace plenum::datacenter {

bool RankState::grow(const Sequence& sequence, std::int32_t tokens) {
  return blocks.grow(sequence.own(sequence.computed), sequence.own(sequence.computed + tokens));
}

void RankState::use_cached(Sequence& sequence) {
  if (!sequence.looked_up) hits.tokens += sequence.to_read;
  if (sequence.prefix) {
    const auto match = blocks.match(*sequence.prefix, sequence.to_read);
    blocks.use(*sequence.prefix, match.count);
    sequence.shared = static_cast<std::uint32_t>(match.count);
    sequence.shared_tokens = match.tokens;
    sequence.computed = std::min(match.tokens, sequence.to_read - 1);
    tokens_ahead -= sequence.computed;
    found_tokens += sequence.computed;
    if (!sequence.looked_up) {
      hits.blocks += static_cast<std::int64_t>(sequence.prefix->blocks_within(sequence.to_read));
      hits.hit_blocks += static_cast<std::int64_t>(match.count);
      hits.hit_tokens += sequence.computed;
    }
  }
  sequence.looked_up = true;
}

/// A block that is cut short is shared only as long as nothing lies behind it in the same KV block.
void RankState::share_computed(Sequence& sequence) {
  if (!sequence.prefix) return;
  const auto& prefix = *sequence.prefix;
  for (; sequence.shared < prefix.ids.size(); ++sequence.shared) {
    const std::int32_t end = prefix.end_of(sequence.shared);
    if (end > sequence.computed || (end % blocks.per_block() != 0 && end != sequence.computed)) return;
    const std::int32_t tokens = end - sequence.shared_tokens;
    blocks.share(prefix.ids[sequence.shared], tokens, sequence.own(sequence.computed));
    sequence.shared_tokens = end;
  }
}

bool RankState::has_room_for_adapter(const Sequence& sequence, std::int64_t resident) const {
  return sequence.adapter < 0 || adapters.has(static_cast<std::uint64_t>(sequence.adapter)) ||
         static_cast<std::int64_t>(adapters.used()) < resident;
}

void RankState::use_adapter(const Sequence& sequence, std::int64_t resident) {
  if (sequence.adapter < 0) return;
  const auto id = static_cast<std::uint64_t>(sequence.adapter);
  if (adapters.has(id)) return adapters.use(id);
  if (static_cast<std::int64_t>(adapters.size()) == resident) adapters.evict();
  adapters.insert(id, 0, 1, 1);
  ++adapters_loaded;
}

void RankState::leave_adapter(const Sequence& sequence) {
  if (sequence.adapter >= 0) adapters.leave(static_cast<std::uint64_t>(sequence.adapter));
}

void RankState::give_back(Sequence& sequence) {
  blocks.release(sequence.own(sequence.computed));
  if (sequence.prefix) blocks.leave(*sequence.prefix, sequence.shared);
  sequence.shared = 0;
  sequence.shared_tokens = 0;
}

}  // namespace plenum::datacenter
