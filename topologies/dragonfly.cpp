#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

/// Cables between groups: port j of a group, at switch j / h, is the k-th towards the group at distance j mod (groups -
/// 1) + 1. Distances d and groups - d belong together. `switch_at` names the switch of a group's port.
template <class SwitchAt>
void join_groups(std::int64_t groups, std::int64_t ports, const SwitchAt& switch_at, SwitchGraph& graph) {
  if (groups < 2) return;
  const std::int64_t per_pair = ports / (groups - 1);
  for (std::int64_t group = 0; group < groups; ++group)
    for (std::int64_t other = group + 1; other < groups; ++other)
      for (std::int64_t k = 0; k < per_pair; ++k) {
        const auto there = other - group - 1 + k * (groups - 1), back = groups - (other - group) - 1 + k * (groups - 1);
        graph.cables.push_back({switch_at(group, there), switch_at(other, back), 1});
      }
}

}  // namespace

SwitchGraph dragonfly(std::int64_t groups, std::int64_t a, std::int64_t h, std::int64_t cables) {
  SwitchGraph graph{.leaves = groups * a};
  for (std::int64_t group = 0; group < groups; ++group)
    for (std::int64_t i = 0; i < a; ++i)
      for (std::int64_t j = i + 1; j < a; ++j) graph.cables.push_back({group * a + i, group * a + j, cables});
  join_groups(
      groups, a * h, [=](auto group, auto port) { return group * a + port / h; }, graph);
  return graph;
}

SwitchGraph dragonfly_plus(std::int64_t groups, std::int64_t a, std::int64_t h, std::int64_t cables) {
  SwitchGraph graph{.leaves = groups * a, .spines = groups * a};
  const std::int64_t first_spine = graph.leaves;
  for (std::int64_t group = 0; group < groups; ++group)
    for (std::int64_t i = 0; i < a; ++i)
      for (std::int64_t j = 0; j < a; ++j) graph.cables.push_back({group * a + i, first_spine + group * a + j, cables});
  join_groups(
      groups, a * h, [=](auto group, auto port) { return first_spine + group * a + port / h; }, graph);
  return graph;
}

}  // namespace plenum::topology
