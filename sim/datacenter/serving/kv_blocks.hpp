// The paged KV cache of one attention rank: blocks are counted, never lost. Some hold what sequences computed for
// themselves, some hold prefixes that others may use as well; of those, the ones without a user make room when needed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "sim/datacenter/serving/prefix_cache.hpp"
#include "workloads/serving/request.hpp"

namespace plenum::datacenter {

/// What the cache holds of the beginning of a prompt.
struct PrefixMatch {
  std::size_t count = 0;  ///< of ids
  std::int32_t tokens = 0;
  std::int64_t idle_kv_blocks = 0;  ///< that nobody uses so far
};

class KvBlocks {
 public:
  using OnEvict = std::function<void(std::uint64_t id, std::int32_t tokens)>;

  KvBlocks() = default;
  KvBlocks(std::int64_t tokens, std::int64_t tokens_per_block, OnEvict on_evict = {})
      : per_block_(tokens_per_block),
        total_(tokens / tokens_per_block),
        free_(total_),
        on_evict_(std::move(on_evict)) {}

  std::int64_t total() const { return total_; }
  /// Idle prefixes included: they give way.
  std::int64_t free() const { return free_ + prefixes_.idle_kv_blocks(); }
  std::int64_t used() const { return total_ - free(); }
  std::int64_t peak() const { return peak_; }
  std::int64_t blocks_of(std::int64_t tokens) const { return (tokens + per_block_ - 1) / per_block_; }
  std::int64_t per_block() const { return per_block_; }

  /// A sequence's own part grows from `before` to `after` tokens; false, and nothing taken, when blocks don't suffice.
  bool grow(std::int64_t before, std::int64_t after);
  void release(std::int64_t tokens);
  void shrink(std::int64_t before, std::int64_t after) { free_ += blocks_of(before) - blocks_of(after); }

  const PrefixCache& prefixes() const { return prefixes_; }
  /// Among the first `most` tokens.
  PrefixMatch match(const workload::Prefix&, std::int32_t most) const;
  void use(const workload::Prefix&, std::size_t count);
  void leave(const workload::Prefix&, std::size_t count);
  /// The first `tokens` of the `own` ones of a sequence become a block that others may use, and the sequence uses it;
  /// where there is such a block already, its own blocks come back.
  void share(std::uint64_t id, std::int32_t tokens, std::int64_t own);
  /// A prefix comes from elsewhere; false when there is no room, or it is here already.
  bool put(std::uint64_t id, std::int32_t tokens);

 private:
  bool make_room(std::int64_t needed);
  void note_peak() { peak_ = std::max(peak_, used()); }

  std::int64_t per_block_ = 1, total_ = 0, free_ = 0, peak_ = 0;
  PrefixCache prefixes_;
  OnEvict on_evict_;
};

}  // namespace plenum::datacenter
