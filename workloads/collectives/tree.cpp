#include <algorithm>
#include <bit>

#include "workloads/collectives/algorithms.hpp"
#include "workloads/collectives/blocks.hpp"

namespace plenum::workload {
namespace {

std::int64_t parent_in_first(std::int64_t n, std::int64_t rank) {
  if (rank == 0) return -1;
  const std::int64_t bit = rank & -rank;
  const std::int64_t up = (rank ^ bit) | (bit << 1);
  return up < n ? up : rank ^ bit;
}

std::int64_t levels(std::int64_t n) { return std::bit_width(static_cast<std::uint64_t>(n - 1)); }

/// Up and down between two nodes, every rail its part of half of the buffer.
void connect(const Block& child, const Block& parent, Pattern& pattern) {
  const auto rails = std::min(child.count, parent.count);
  const double share = 0.5 / rails;
  for (std::uint32_t rail = 0; rail < rails; ++rail) {
    pattern.flows.push_back({child.member(rail), parent.member(rail), share});
    pattern.flows.push_back({parent.member(rail), child.member(rail), share});
  }
}

void between(const std::vector<Block>& blocks, Pattern& pattern) {
  const auto n = static_cast<std::int64_t>(blocks.size());
  for (const bool second : {false, true}) {
    for (std::int64_t node = 0; node < n; ++node) {
      const auto parent = tree_parent(n, node, second);
      if (parent >= 0)
        connect(blocks[static_cast<std::size_t>(node)], blocks[static_cast<std::size_t>(parent)], pattern);
    }
  }
  pattern.inter_node_steps = n > 1 ? 2 * levels(n) : 0;
  pattern.steps += pattern.inter_node_steps;
}

/// Chains of n members, begun at each in turn with 1/n of the bytes: each hop is missing in one of n.
void chains_inside(const Block& block, Pattern& pattern) {
  if (block.count < 2) return;
  const double share = static_cast<double>(block.count - 1) / block.count;
  for (std::uint32_t i = 0; i < block.count; ++i) {
    pattern.flows.push_back({block.member(i), block.member(i + 1), share});
    pattern.flows.push_back({block.member(i + 1), block.member(i), share});
  }
}

void sharp_inside(CollectiveKind kind, const Block& block, Pattern& pattern) {
  if (block.count < 2) return;
  const bool gathers = kind == CollectiveKind::all_gather || kind == CollectiveKind::reduce_scatter;
  const double share = gathers ? 1 : 1 + 1.0 / block.count;
  for (std::uint32_t i = 0; i < block.count; ++i)
    pattern.flows.push_back({block.member(i), block.member(i + 1), share});
}

}  // namespace

std::int64_t tree_parent(std::int64_t n, std::int64_t rank, bool second) {
  if (!second) return parent_in_first(n, rank);
  if (n % 2 == 0) {  // mirrored
    const auto parent = parent_in_first(n, n - 1 - rank);
    return parent < 0 ? -1 : n - 1 - parent;
  }
  const auto parent = parent_in_first(n, (rank + n - 1) % n);  // shifted
  return parent < 0 ? -1 : (parent + 1) % n;
}

Pattern tree(CollectiveKind, std::span<const std::uint32_t> node) {
  Pattern pattern;
  const auto blocks = blocks_of(node);
  for (const auto& block : blocks) chains_inside(block, pattern);
  pattern.steps = 2 * (std::int64_t{std::ranges::max(blocks, {}, &Block::count).count} - 1);
  between(blocks, pattern);
  return pattern;
}

Pattern nvls(CollectiveKind kind, std::span<const std::uint32_t> node) {
  Pattern pattern;
  for (const auto& block : blocks_of(node)) sharp_inside(kind, block, pattern);
  pattern.steps = 1;
  return pattern;
}

Pattern nvls_tree(std::span<const std::uint32_t> node) {
  auto pattern = nvls(CollectiveKind::all_reduce, node);
  between(blocks_of(node), pattern);
  return pattern;
}

}  // namespace plenum::workload
