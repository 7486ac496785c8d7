#include "workloads/collectives/expert_exchange.hpp"

#include <cmath>

#include "workloads/collectives/blocks.hpp"

namespace plenum::workload {
namespace {

/// Probability that at least one of `draws` falls into one of `places`.
double reached(double places, double draws) { return 1 - std::pow(1 - 1 / places, draws); }

EqualFlows over_rails(const std::vector<Block>& blocks, double share) {
  const auto each = [blocks](const EqualFlows::Visit& visit) {
    for (const auto& from : blocks)
      for (const auto& to : blocks)
        for (std::uint32_t rail = 0; rail < from.count && from.first != to.first; ++rail)
          visit(from.member(rail), to.member(rail));
  };
  const auto nodes = static_cast<std::int64_t>(blocks.size());
  return {share, nodes * (nodes - 1) * blocks.front().count, each};
}

/// From every member to every other one of its node.
EqualFlows inside(const std::vector<Block>& blocks, double share) {
  const auto each = [blocks](const EqualFlows::Visit& visit) {
    for (const auto& block : blocks)
      for (std::uint32_t distance = 1; distance < block.count; ++distance)
        for (std::uint32_t i = 0; i < block.count; ++i) visit(block.member(i), block.member(i + distance));
  };
  const std::int64_t count = blocks.front().count;
  return {share, static_cast<std::int64_t>(blocks.size()) * count * (count - 1), each};
}

}  // namespace

std::vector<EqualFlows> expert_flows(std::span<const std::uint32_t> node, std::int64_t top_k, bool low_latency) {
  const auto blocks = blocks_of(node);
  const auto members = static_cast<double>(node.size()), nodes = static_cast<double>(blocks.size());
  const auto draws = static_cast<double>(top_k);
  if (low_latency) {
    auto pairs = all_pairs(static_cast<std::uint32_t>(node.size()));
    pairs.share *= draws;
    return {pairs};
  }
  return {over_rails(blocks, reached(nodes, draws)), inside(blocks, nodes * reached(members, draws))};
}

Pattern expert_exchange(std::span<const std::uint32_t> node, std::int64_t top_k, bool low_latency) {
  const bool spans = blocks_of(node).size() > 1;
  Pattern pattern{.flows = {}, .inter_node_steps = spans};
  pattern.steps = low_latency ? static_cast<std::int64_t>(node.size()) - 1 : 1 + pattern.inter_node_steps;
  for (const auto& flows : expert_flows(node, top_k, low_latency)) append(flows, pattern.flows);
  return pattern;
}

}  // namespace plenum::workload
