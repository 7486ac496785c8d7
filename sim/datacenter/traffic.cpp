// Who communicates with whom, as it is written down before it is folded.
#include <algorithm>

#include "sim/datacenter/fabric.hpp"

namespace plenum::datacenter {

std::uint32_t Traffic::add_rank(std::uint32_t gpu, std::uint64_t kind) {
  ranks.push_back({gpu, kind});
  return static_cast<std::uint32_t>(ranks.size() - 1);
}

/// Flows of one pattern that carry equally much are one strand; whole numbers then say how often it loads a channel.
std::uint32_t Traffic::add_group(std::uint64_t kind, std::span<const Member> of, const workload::Pattern& pattern) {
  const auto first_strand = static_cast<std::uint32_t>(strands.size());
  auto hops = pattern.flows;
  if (!pattern.independent) std::ranges::stable_sort(hops, {}, &workload::PatternFlow::share);
  for (auto hop = hops.begin(); hop != hops.end();) {
    const auto same = [&](const workload::PatternFlow& other) { return other.share == hop->share; };
    const auto end = pattern.independent ? hop + 1 : std::find_if_not(hop, hops.end(), same);
    add_strand(hop->share, of, {hop, end});
    hop = end;
  }
  groups.push_back({kind, static_cast<std::uint32_t>(members.size()), static_cast<std::uint32_t>(of.size()),
                    first_strand, static_cast<std::uint32_t>(strands.size()) - first_strand});
  members.insert(members.end(), of.begin(), of.end());
  return static_cast<std::uint32_t>(groups.size() - 1);
}

void Traffic::add_strand(double share, std::span<const Member> of, std::span<const workload::PatternFlow> hops) {
  strands.push_back({share, static_cast<std::uint32_t>(flows.size()), static_cast<std::uint32_t>(hops.size())});
  for (const auto& hop : hops) flows.push_back({ranks[of[hop.source].rank].gpu, ranks[of[hop.destination].rank].gpu});
}

}  // namespace plenum::datacenter
