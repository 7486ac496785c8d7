#include "workloads/collectives/expert_exchange.hpp"

#include <cmath>

#include "workloads/collectives/blocks.hpp"

namespace plenum::workload {
namespace {

/// Probability that at least one of `draws` falls into one of `places`.
double reached(double places, double draws) { return 1 - std::pow(1 - 1 / places, draws); }

void add_rails(const std::vector<Block>& blocks, double share, Pattern& pattern) {
  for (const auto& from : blocks)
    for (const auto& to : blocks)
      for (std::uint32_t rail = 0; rail < from.count && from.first != to.first; ++rail)
        pattern.flows.push_back({from.member(rail), to.member(rail), share});
}

/// From every member to every other one of its node.
void add_inside(const std::vector<Block>& blocks, double share, Pattern& pattern) {
  for (const auto& block : blocks)
    for (std::uint32_t distance = 1; distance < block.count; ++distance)
      for (std::uint32_t i = 0; i < block.count; ++i)
        pattern.flows.push_back({block.member(i), block.member(i + distance), share});
}

}  // namespace

Pattern expert_exchange(std::span<const std::uint32_t> node, std::int64_t top_k, bool low_latency) {
  const auto blocks = blocks_of(node);
  const auto members = static_cast<double>(node.size()), nodes = static_cast<double>(blocks.size());
  const auto draws = static_cast<double>(top_k);
  if (low_latency) {
    auto pattern = pattern_of(CollectiveKind::all_to_all, CollectiveAlgorithm::direct, node);
    for (auto& flow : pattern.flows) flow.share *= draws;
    return pattern;
  }
  Pattern pattern;
  add_rails(blocks, reached(nodes, draws), pattern);
  add_inside(blocks, nodes * reached(members, draws), pattern);
  pattern.inter_node_steps = nodes > 1 ? 1 : 0;
  pattern.steps = 1 + pattern.inter_node_steps;
  return pattern;
}

}  // namespace plenum::workload
