// Blocks of tokens that several requests begin with, kept while somebody uses them and, as long as there is room,
// afterwards; what was left longest ago goes first (LRU).
#pragma once

#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>

namespace plenum::datacenter {

class PrefixCache {
 public:
  struct Block {
    std::int32_t tokens = 0, kv_blocks = 0;
    std::int32_t users = 0;
    std::list<std::uint64_t>::iterator place{};  ///< in idle_, without users
  };

  bool has(std::uint64_t id) const { return blocks_.contains(id); }
  const Block* find(std::uint64_t id) const;
  /// How many of the leading ids are here.
  std::size_t match(std::span<const std::uint64_t> ids) const;

  std::int64_t idle_kv_blocks() const { return idle_kv_blocks_; }
  std::size_t size() const { return blocks_.size(); }
  std::size_t used() const { return blocks_.size() - idle_.size(); }

  /// Precondition: not here. Without a user it is the youngest of the idle ones.
  void insert(std::uint64_t id, std::int32_t tokens, std::int32_t kv_blocks, std::int32_t users);
  void use(std::uint64_t id);
  void leave(std::uint64_t id);

  struct Evicted {
    std::uint64_t id = 0;
    std::int32_t tokens = 0, kv_blocks = 0;
  };
  /// Takes out the block that was left longest ago. Precondition: there is an idle one.
  Evicted evict();

 private:
  void make_idle(std::uint64_t id, Block&);

  std::unordered_map<std::uint64_t, Block> blocks_;
  std::list<std::uint64_t> idle_;  ///< oldest first
  std::int64_t idle_kv_blocks_ = 0;
};

}  // namespace plenum::datacenter
