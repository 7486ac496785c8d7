#include "sim/datacenter/serving/prefix_cache.hpp"

#include <stdexcept>

namespace plenum::datacenter {

const PrefixCache::Block* PrefixCache::find(std::uint64_t id) const {
  const auto found = blocks_.find(id);
  return found == blocks_.end() ? nullptr : &found->second;
}

std::size_t PrefixCache::match(std::span<const std::uint64_t> ids) const {
  std::size_t count = 0;
  while (count < ids.size() && has(ids[count])) ++count;
  return count;
}

void PrefixCache::make_idle(std::uint64_t id, Block& block) {
  idle_kv_blocks_ += block.kv_blocks;
  block.place = idle_.insert(idle_.end(), id);
}

void PrefixCache::insert(std::uint64_t id, std::int32_t tokens, std::int32_t kv_blocks, std::int32_t users) {
  Block& block = blocks_[id] = {tokens, kv_blocks, users, {}};
  if (users == 0) make_idle(id, block);
}

void PrefixCache::use(std::uint64_t id) {
  Block& block = blocks_.at(id);
  if (block.users++ > 0) return;
  idle_kv_blocks_ -= block.kv_blocks;
  idle_.erase(block.place);
}

void PrefixCache::leave(std::uint64_t id) {
  Block& block = blocks_.at(id);
  if (block.users == 0) throw std::logic_error("a cached block was left by more sequences than used it");
  if (--block.users == 0) make_idle(id, block);
}

PrefixCache::Evicted PrefixCache::evict() {
  const auto id = idle_.front();
  const auto found = blocks_.find(id);
  const Evicted evicted{id, found->second.tokens, found->second.kv_blocks};
  idle_.pop_front();
  idle_kv_blocks_ -= evicted.kv_blocks;
  blocks_.erase(found);
  return evicted;
}

}  // namespace plenum::datacenter
