#include "sim/datacenter/serving/kv_blocks.hpp"

#include <stdexcept>

namespace plenum::datacenter {

bool KvBlocks::make_room(std::int64_t needed) {
  if (needed > free()) return false;
  while (needed > free_) {
    const auto evicted = prefixes_.evict();
    free_ += evicted.kv_blocks;
    if (on_evict_) on_evict_(evicted.id, evicted.tokens);
  }
  return true;
}

bool KvBlocks::grow(std::int64_t before, std::int64_t after) {
  const std::int64_t needed = blocks_of(after) - blocks_of(before);
  if (!make_room(needed)) return false;
  free_ -= needed;
  note_peak();
  return true;
}

void KvBlocks::release(std::int64_t tokens) {
  free_ += blocks_of(tokens);
  if (free() > total_) throw std::logic_error("more KV blocks were released than taken");
}

PrefixMatch KvBlocks::match(const workload::Prefix& prefix, std::int32_t most) const {
  PrefixMatch match;
  for (; match.count < prefix.ids.size() && prefix.end_of(match.count) <= most; ++match.count) {
    const auto* block = prefixes_.find(prefix.ids[match.count]);
    if (!block) break;
    match.tokens = prefix.end_of(match.count);
    if (block->users == 0) match.idle_kv_blocks += block->kv_blocks;
  }
  return match;
}

void KvBlocks::use(const workload::Prefix& prefix, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) prefixes_.use(prefix.ids[i]);
  note_peak();
}

/// The last one first, so that a prefix outlives what follows it.
void KvBlocks::leave(const workload::Prefix& prefix, std::size_t count) {
  while (count-- > 0) prefixes_.leave(prefix.ids[count]);
}

void KvBlocks::share(std::uint64_t id, std::int32_t tokens, std::int64_t own) {
  const std::int64_t blocks = blocks_of(own) - blocks_of(own - tokens);
  if (prefixes_.has(id)) {
    prefixes_.use(id);
    free_ += blocks;
  } else {
    prefixes_.insert(id, tokens, static_cast<std::int32_t>(blocks), 1);
  }
}

bool KvBlocks::put(std::uint64_t id, std::int32_t tokens) {
  const std::int64_t blocks = blocks_of(tokens);
  if (prefixes_.has(id) || !make_room(blocks)) return false;
  free_ -= blocks;
  prefixes_.insert(id, tokens, static_cast<std::int32_t>(blocks), 0);
  return true;
}

}  // namespace plenum::datacenter
