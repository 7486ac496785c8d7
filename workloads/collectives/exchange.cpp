#include <algorithm>
#include <bit>
#include <stdexcept>

#include "workloads/collectives/algorithms.hpp"
#include "workloads/collectives/blocks.hpp"
#include "workloads/collectives/equal_flows.hpp"

namespace plenum::workload {
namespace {

std::int64_t nodes_of(std::span<const std::uint32_t> node) { return static_cast<std::int64_t>(blocks_of(node).size()); }

}  // namespace

EqualFlows all_pairs(std::uint32_t n) {
  const auto each = [n](const EqualFlows::Visit& visit) {
    for (std::uint32_t distance = 1; distance < n; ++distance)
      for (std::uint32_t source = 0; source < n; ++source) visit(source, (source + distance) % n);
  };
  return {1.0 / n, std::int64_t{n} * (n - 1), each};
}

void append(const EqualFlows& set, std::vector<PatternFlow>& flows) {
  flows.reserve(flows.size() + static_cast<std::size_t>(set.count));
  set.each([&](std::uint32_t source, std::uint32_t destination) { flows.push_back({source, destination, set.share}); });
}

Pattern direct(CollectiveKind kind, std::span<const std::uint32_t> node) {
  const bool crosses = nodes_of(node) > 1;
  const auto n = static_cast<std::uint32_t>(node.size());
  if (kind == CollectiveKind::send_receive) return {.flows = {{0, 1, 1.0}}, .steps = 1, .inter_node_steps = crosses};
  Pattern pattern{.flows = {}, .steps = n - 1, .inter_node_steps = crosses};
  append(all_pairs(n), pattern.flows);
  return pattern;
}

Pattern skewed_all_to_all(std::span<const double> weights, std::span<const std::uint32_t> node) {
  const auto n = static_cast<std::uint32_t>(node.size());
  Pattern pattern{.flows = {}, .steps = n - 1, .inter_node_steps = nodes_of(node) > 1, .independent = true};
  for (std::uint32_t i = 0; i < n; ++i)
    for (std::uint32_t j = 0; j < n; ++j)
      if (const double weight = weights[std::size_t{i} * n + j]; i != j && weight > 0)
        pattern.flows.push_back({i, j, weight / n});
  return pattern;
}

/// At distance 2^k a member passes on what it has gathered: 2^k parts, the last time what is left.
Pattern logarithmic(std::span<const std::uint32_t> node) {
  const auto n = static_cast<std::uint32_t>(node.size());
  Pattern pattern;
  for (std::uint32_t distance = 1; distance < n; distance *= 2) {
    const double share = 1.0 * std::min(distance, n - distance) / n;
    for (std::uint32_t i = 0; i < n; ++i) pattern.flows.push_back({i, (i + distance) % n, share});
    ++pattern.steps;
  }
  pattern.inter_node_steps = std::bit_width(static_cast<std::uint64_t>(nodes_of(node) - 1));
  return pattern;
}

Pattern halving_doubling(std::span<const std::uint32_t> node) {
  const auto n = static_cast<std::uint32_t>(node.size()), powers = std::bit_floor(n), others = n - powers;
  const auto member = [others](std::uint32_t i) { return i < others ? 2 * i : i + others; };
  Pattern pattern;
  for (std::uint32_t i = 0; i < others; ++i) {
    pattern.flows.push_back({2 * i + 1, 2 * i, 1.0});
    pattern.flows.push_back({2 * i, 2 * i + 1, 1.0});
  }
  for (std::uint32_t distance = 1; distance < powers; distance *= 2)
    for (std::uint32_t i = 0; i < powers; ++i)
      pattern.flows.push_back({member(i), member(i ^ distance), 2.0 * distance / powers});
  pattern.steps = 2 * (std::countr_zero(powers) + (others > 0));
  pattern.inter_node_steps = 2 * std::bit_width(static_cast<std::uint64_t>(nodes_of(node) - 1));
  return pattern;
}

Pattern hierarchical(CollectiveKind kind, std::span<const std::uint32_t> node) {
  const auto blocks = blocks_of(node);
  const double rounds = kind == CollectiveKind::all_reduce ? 2 : 1;
  const auto rails = std::ranges::min(blocks, {}, &Block::count).count;
  const auto nodes = static_cast<std::uint32_t>(blocks.size());
  Pattern pattern;
  for (const auto& block : blocks)
    for (std::uint32_t i = 0; i < block.count && block.count > 1; ++i)
      pattern.flows.push_back({block.member(i), block.member(i + 1), rounds * (block.count - 1) / block.count});
  for (std::uint32_t b = 0; b < nodes && nodes > 1; ++b)
    for (std::uint32_t rail = 0; rail < rails; ++rail)
      pattern.flows.push_back(
          {blocks[b].member(rail), blocks[(b + 1) % nodes].member(rail), rounds * (nodes - 1) / nodes / rails});
  pattern.inter_node_steps = static_cast<std::int64_t>(rounds) * (nodes - 1);
  pattern.steps = static_cast<std::int64_t>(rounds) * (blocks.front().count - 1) + pattern.inter_node_steps;
  return pattern;
}

Pattern collnet(std::span<const std::uint32_t> node) {
  const auto blocks = blocks_of(node);
  const auto rails = std::ranges::min(blocks, {}, &Block::count).count;
  Pattern pattern{.flows = {}, .steps = 3, .inter_node_steps = 1};
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const auto &block = blocks[b], &next = blocks[(b + 1) % blocks.size()];
    for (std::uint32_t head = 0; head < rails; ++head)
      for (std::uint32_t i = 0; i < block.count; ++i) {
        if (i == head) continue;
        pattern.flows.push_back({block.member(i), block.member(head), 1.0 / rails});
        pattern.flows.push_back({block.member(head), block.member(i), 1.0 / rails});
      }
    for (std::uint32_t rail = 0; rail < rails && blocks.size() > 1; ++rail)
      pattern.flows.push_back({block.member(rail), next.member(rail), 1.0 / rails});
  }
  return pattern;
}

namespace {

/// The members of a block in the order in which a channel visits them: from `first` round to its neighbour.
std::vector<std::uint32_t> round_from(const Block& block, std::uint32_t first) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < block.count; ++i) order.push_back(block.member(first + i));
  return order;
}

}  // namespace

/// One channel per member of a node, each with its part of the buffer. It leaves the first node through its own member,
/// enters every further one where it left the one before, so that it stays on one rail there, and visits all.
Pattern chain(CollectiveKind kind, std::span<const std::uint32_t> node) {
  const auto blocks = blocks_of(node);
  const auto channels = std::ranges::min(blocks, {}, &Block::count).count;
  const bool back = kind == CollectiveKind::reduce;
  const double share = 1.0 / channels;
  Pattern pattern;
  const auto add = [&](std::uint32_t from, std::uint32_t to) {
    pattern.flows.push_back(back ? PatternFlow{to, from, share} : PatternFlow{from, to, share});
  };
  for (std::uint32_t channel = 0; channel < channels; ++channel) {
    std::uint32_t leaves = channel;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const auto order = round_from(blocks[b], b == 0 ? 0 : leaves);
      if (b > 0) add(blocks[b - 1].member(leaves), order.front());
      for (std::size_t i = 1; i < order.size(); ++i) add(order[i - 1], order[i]);
      if (b > 0) leaves = (leaves + blocks[b].count - 1) % channels;
    }
  }
  pattern.steps = static_cast<std::int64_t>(node.size()) - 1;
  pattern.inter_node_steps = static_cast<std::int64_t>(blocks.size()) - 1;
  return pattern;
}

Pattern pattern_of(CollectiveKind kind, CollectiveAlgorithm algorithm, std::span<const std::uint32_t> node) {
  if (node.size() < 2) return {};
  switch (algorithm) {
    case CollectiveAlgorithm::ring: {
      const bool rooted = kind == CollectiveKind::broadcast || kind == CollectiveKind::reduce;
      return rooted ? chain(kind, node) : ring(kind, node);
    }
    case CollectiveAlgorithm::tree:
      return tree(kind, node);
    case CollectiveAlgorithm::nvls:
      return nvls(kind, node);
    case CollectiveAlgorithm::nvls_tree:
      return nvls_tree(node);
    case CollectiveAlgorithm::direct:
      return direct(kind, node);
    case CollectiveAlgorithm::pat:
      return logarithmic(node);
    case CollectiveAlgorithm::halving_doubling:
      return halving_doubling(node);
    case CollectiveAlgorithm::hierarchical:
      return hierarchical(kind, node);
    case CollectiveAlgorithm::collnet:
      return collnet(node);
  }
  throw std::logic_error("unknown algorithm");
}

}  // namespace plenum::workload
