#include "sim/datacenter/serving/prefix_tiers.hpp"

#include <array>

namespace plenum::datacenter {
namespace {

std::int32_t length_of(const workload::Prefix& prefix, std::size_t block) {
  return prefix.end_of(block) - (block > 0 ? prefix.end_of(block - 1) : 0);
}

}  // namespace

PrefixTier::PrefixTier(const scenario::CacheTier& tier, Bytes per_token, std::int64_t replicas, engine::Engine& engine)
    : engine_(engine),
      capacity_(tier.size.value() / per_token.value() * replicas),
      bytes_per_token_(static_cast<double>(per_token.value())),
      bandwidth_(tier.bandwidth.value()),
      latency_(tier.latency),
      link_(engine.add_resource(bandwidth_ * static_cast<double>(replicas))) {}

/// Capacity counts tokens, and nothing in a tier has users.
std::vector<PrefixCache::Evicted> PrefixTier::put(std::uint64_t id, std::int32_t tokens) {
  if (held_.has(id)) {
    touch(id);
    return {};
  }
  std::vector<PrefixCache::Evicted> evicted;
  if (tokens > capacity_) return {{id, tokens, tokens}};
  while (held_.idle_kv_blocks() + tokens > capacity_) evicted.push_back(held_.evict());
  held_.insert(id, tokens, tokens, 0);
  return evicted;
}

void PrefixTier::touch(std::uint64_t id) {
  held_.use(id);
  held_.leave(id);
}

void PrefixTier::read(std::int64_t tokens, engine::Callback when_done) {
  const std::array uses{engine::Use{link_}};
  engine_.start({.amount = bytes_per_token_ * static_cast<double>(tokens),
                 .latency = latency_,
                 .uses = uses,
                 .rate_limit = bandwidth_},
                std::move(when_done));
}

std::vector<PrefixTiers> make_tiers(const scenario::PrefixCaching& caching, Bytes per_token, std::int64_t replicas,
                                    engine::Engine& engine) {
  std::vector<PrefixTiers> all(static_cast<std::size_t>(replicas));
  for (const auto& tier : caching.tiers) {
    std::shared_ptr<PrefixTier> made;
    for (auto& tiers : all) {
      if (!made || !tier.shared)
        made = std::make_shared<PrefixTier>(tier, per_token, tier.shared ? replicas : 1, engine);
      tiers.push_back(made);
    }
  }
  return all;
}

void PrefixStore::put(std::uint64_t id, std::int32_t tokens, std::size_t tier) {
  if (tier >= tiers_.size()) return;
  for (const auto& evicted : tiers_[tier]->put(id, tokens)) put(evicted.id, evicted.tokens, tier + 1);
}

std::size_t PrefixStore::tier_of(std::uint64_t id) const {
  std::size_t tier = 0;
  while (tier < tiers_.size() && !tiers_[tier]->has(id)) ++tier;
  return tier;
}

std::size_t PrefixStore::match(const workload::Prefix& prefix, std::size_t first, std::int32_t most) const {
  std::size_t end = first;
  while (end < prefix.ids.size() && prefix.end_of(end) <= most && tier_of(prefix.ids[end]) < tiers_.size()) ++end;
  return end;
}

void PrefixStore::read(const workload::Prefix& prefix, std::size_t first, std::size_t end, engine::Callback when_done) {
  std::vector<std::int64_t> tokens(tiers_.size());
  for (std::size_t block = first; block < end; ++block) {
    const std::size_t tier = tier_of(prefix.ids[block]);
    tokens[tier] += length_of(prefix, block);
    tiers_[tier]->touch(prefix.ids[block]);
  }
  const auto left = std::make_shared<int>(0);
  for (std::size_t tier = 0; tier < tiers_.size(); ++tier) {
    if (tokens[tier] == 0) continue;
    ++*left;
    read_tokens_[tier] += tokens[tier];
    tiers_[tier]->read(tokens[tier], [left, when_done] {
      if (--*left == 0) when_done();
    });
  }
}

}  // namespace plenum::datacenter
