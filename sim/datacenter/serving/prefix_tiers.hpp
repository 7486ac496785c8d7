// Where prefixes go that the GPUs' caches drop: host memory, SSDs, a store for all. Each tier keeps what was used last
// and hands the oldest down; what is found is read back over the tier's own link.
#pragma once

#include <memory>
#include <vector>

#include "sim/datacenter/serving/prefix_cache.hpp"
#include "sim/engine/engine.hpp"
#include "sim/scenario/serving_job.hpp"
#include "workloads/serving/request.hpp"

namespace plenum::datacenter {

/// One tier of one replica, or of all of them.
class PrefixTier {
 public:
  /// Bytes of a token are those on one GPU, as are the tier's size and bandwidth.
  PrefixTier(const scenario::CacheTier&, Bytes per_token, std::int64_t replicas, engine::Engine&);

  /// Holds it from now on, as the youngest; what must go for it is given back.
  std::vector<PrefixCache::Evicted> put(std::uint64_t id, std::int32_t tokens);
  bool has(std::uint64_t id) const { return held_.has(id); }
  void touch(std::uint64_t id);
  void read(std::int64_t tokens, engine::Callback when_done);

 private:
  engine::Engine& engine_;
  const std::int64_t capacity_;  ///< tokens
  const double bytes_per_token_, bandwidth_;
  const Seconds latency_;
  engine::ResourceId link_;
  PrefixCache held_;
};

using PrefixTiers = std::vector<std::shared_ptr<PrefixTier>>;

/// By replica; a tier for all is the same one everywhere.
std::vector<PrefixTiers> make_tiers(const scenario::PrefixCaching&, Bytes per_token, std::int64_t replicas,
                                    engine::Engine&);

/// The tiers below the GPUs of one replica, fastest first.
class PrefixStore {
 public:
  explicit PrefixStore(PrefixTiers tiers) : tiers_(std::move(tiers)), read_tokens_(tiers_.size()) {}

  bool empty() const { return tiers_.empty(); }
  void put(std::uint64_t id, std::int32_t tokens, std::size_t tier = 0);

  /// Ids from `first` on that lie in some tier, up to the first that lies in none, among the first `most` tokens.
  std::size_t match(const workload::Prefix&, std::size_t first, std::int32_t most) const;
  /// Reads ids first ... end-1 from where they lie.
  void read(const workload::Prefix&, std::size_t first, std::size_t end, engine::Callback when_done);

  const std::vector<std::int64_t>& read_tokens() const { return read_tokens_; }  ///< by tier

 private:
  std::size_t tier_of(std::uint64_t id) const;

  PrefixTiers tiers_;
  std::vector<std::int64_t> read_tokens_;
};

}  // namespace plenum::datacenter
