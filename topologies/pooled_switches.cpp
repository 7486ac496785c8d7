#include "topologies/pooled_switches.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenum::topology {
namespace {

/// The latency of a way is that of its cables, which are the pool's; at its best, the fastest ones.
void add(const Link& link, Channel& pool) {
  pool.latency = pool.cables == 0 ? link.latency : std::min(pool.latency, link.latency);
  pool.bandwidth += link.bandwidth;
  ++pool.cables;
}

}  // namespace

PooledSwitches::PooledSwitches(const Cluster& cluster) : edges_(static_cast<std::uint32_t>(num_edges(cluster.graph))) {
  const auto first = cluster.numbers.of(VertexKind::leaf, 0);
  switches_ = static_cast<std::uint32_t>(num_vertices(cluster.graph) - first);
  channels_.assign(2 * switches_ + 1, Channel{.kind = LinkKind::pcie, .cables = 0});  // part of a way, no hop of it
  Channel& all = channels_.back();
  all.kind = LinkKind::cable;
  for (VertexId v = first; v < num_vertices(cluster.graph); ++v)
    for (const auto edge : edges_from(v, cluster.graph)) {
      const auto to = target(edge, cluster.graph);
      if (to < first) continue;
      const Link& link = cluster.graph[edge];
      add(link, all);
      for (auto* ports : {&channels_[v - first], &channels_[switches_ + (to - first)]}) {
        ports->bandwidth += link.bandwidth;
        ++ports->cables;
      }
    }
}

/// The pool is passed `hops` times by whatever is sent.
PooledSwitches::PooledSwitches(const Cluster& cluster, const EvenDetours& detours) : PooledSwitches(cluster) {
  detour_ = detours.hops;
  channels_.back().bandwidth = detours.all * static_cast<double>(detour_);
  for (std::size_t leaf = 0; leaf < detours.from.size(); ++leaf)
    for (auto* ports : {&channels_[leaf], &channels_[switches_ + leaf]})
      ports->bandwidth = std::min(ports->bandwidth, detours.from[leaf]);
}

std::string PooledSwitches::name(std::uint32_t id) const {
  const auto number = id - edges_, cables = channels_[number].cables;
  if (number == 2 * switches_) return fmt::format("switches -> switches ({} cables)", cables);
  return number < switches_ ? fmt::format("switch {} -> switches ({} cables)", number, cables)
                            : fmt::format("switches -> switch {} ({} cables)", number - switches_, cables);
}

void PooledSwitches::cross(std::int64_t from, std::int64_t to, std::int64_t hops,
                           std::vector<std::uint32_t>& channels) const {
  channels.push_back(edges_ + static_cast<std::uint32_t>(from));
  channels.insert(channels.end(), static_cast<std::size_t>(detour_ > 0 ? detour_ : hops), edges_ + 2 * switches_);
  channels.push_back(edges_ + switches_ + static_cast<std::uint32_t>(to));
}

}  // namespace plenum::topology
