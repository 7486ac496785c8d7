#include "workloads/collective_pattern.hpp"

#include <algorithm>
#include <stdexcept>

#include "workloads/collectives/blocks.hpp"

namespace plenum::workload {
namespace {

/// How often the buffer passes each hop of a ring of n.
double passes(CollectiveKind kind, double n) {
  switch (kind) {
    case CollectiveKind::all_reduce:
    case CollectiveKind::barrier:
      return 2 * (n - 1) / n;
    case CollectiveKind::all_gather:
    case CollectiveKind::reduce_scatter:
      return (n - 1) / n;
    default:
      throw std::logic_error("a ring does all_reduce, all_gather and reduce_scatter");
  }
}

/// Ring r of R enters an even node at member r and leaves it at member r - 1, having passed all others; an odd node is
/// passed the other way round, so that hops between nodes stay on one rail (NCCL's NCCL_CROSS_NIC=2).
std::uint32_t last_of(const Block& block, std::size_t position, std::uint32_t ring) {
  return block.member(position % 2 == 0 ? ring + block.count - 1 : ring);
}
std::uint32_t first_of(const Block& block, std::size_t position, std::uint32_t ring) {
  return block.member(position % 2 == 0 ? ring : ring + block.count - 1);
}

/// Between neighbours i and i + 1 of a node pass all rings but the one that leaves or enters between them.
void add_inside(const Block& block, std::size_t position, std::uint32_t rings, double share, Pattern& pattern) {
  if (block.count == 1) return;
  for (std::uint32_t i = 0; i < block.count; ++i) {
    const std::uint32_t next = (i + 1) % block.count, passing = rings - (next < rings ? 1 : 0);
    if (passing == 0) continue;
    auto from = block.member(i), to = block.member(next);
    if (position % 2 != 0) std::swap(from, to);
    pattern.flows.push_back({from, to, share * passing});
  }
}

Pattern over_nodes(const std::vector<Block>& blocks, double share_of_all) {
  Pattern pattern;
  const auto rings = std::ranges::min(blocks, {}, &Block::count).count;
  const double share = share_of_all / rings;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    add_inside(blocks[b], b, rings, share, pattern);
    const std::size_t next = (b + 1) % blocks.size();
    for (std::uint32_t ring = 0; ring < rings; ++ring) {
      pattern.flows.push_back({last_of(blocks[b], b, ring), first_of(blocks[next], next, ring), share});
    }
  }
  return pattern;
}

Pattern inside_node(const Block& block, double share) {
  Pattern pattern;
  for (std::uint32_t i = 0; i < block.count; ++i) pattern.flows.push_back({i, block.member(i + 1), share});
  return pattern;
}

}  // namespace

Pattern ring(CollectiveKind kind, std::span<const std::uint32_t> node) {
  const auto members = static_cast<std::int64_t>(node.size());
  if (members < 2) return {};
  const auto blocks = blocks_of(node);
  const double share = passes(kind, static_cast<double>(members));
  Pattern pattern = blocks.size() == 1 ? inside_node(blocks.front(), share) : over_nodes(blocks, share);
  const std::int64_t rounds = kind == CollectiveKind::all_reduce || kind == CollectiveKind::barrier ? 2 : 1;
  const auto nodes = static_cast<std::int64_t>(blocks.size());
  pattern.steps = rounds * (members - 1);
  pattern.inter_node_steps = nodes == 1 ? 0 : rounds * std::min(nodes, members - 1);
  return pattern;
}

}  // namespace plenum::workload
