// The paged KV cache of one attention rank: blocks are counted, never lost.
#pragma once

#include <cstdint>
#include <stdexcept>

namespace plenum::datacenter {

class KvBlocks {
 public:
  KvBlocks() = default;
  KvBlocks(std::int64_t tokens, std::int64_t tokens_per_block)
      : per_block_(tokens_per_block), total_(tokens / tokens_per_block), free_(total_) {}

  std::int64_t total() const { return total_; }
  std::int64_t free() const { return free_; }
  std::int64_t used() const { return total_ - free_; }
  std::int64_t peak() const { return peak_; }
  std::int64_t blocks_of(std::int64_t tokens) const { return (tokens + per_block_ - 1) / per_block_; }
  std::int64_t per_block() const { return per_block_; }

  /// A sequence grows from `before` to `after` tokens; false, and nothing taken, when the blocks don't suffice.
  bool grow(std::int64_t before, std::int64_t after) {
    const std::int64_t needed = blocks_of(after) - blocks_of(before);
    if (needed > free_) return false;
    free_ -= needed;
    if (used() > peak_) peak_ = used();
    return true;
  }

  void release(std::int64_t tokens) {
    free_ += blocks_of(tokens);
    if (free_ > total_) throw std::logic_error("more KV blocks were released than taken");
  }

 private:
  std::int64_t per_block_ = 1, total_ = 0, free_ = 0, peak_ = 0;
};

}  // namespace plenum::datacenter
