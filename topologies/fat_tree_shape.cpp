#include "topologies/fat_tree_shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "topologies/node.hpp"

namespace plenum::topology {
namespace {

using Outcome = std::optional<Problem>;

std::int64_t divided_up(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }

/// Whole cables up for `down` ports, `ratio` of bandwidth up per down port; the margin forgives the ratio's rounding.
std::int64_t uplinks(std::int64_t down, double ratio) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(static_cast<double>(down) * ratio - 1e-9)));
}

/// Most down ports of a switch that leaves ports for their uplinks.
std::int64_t most_down(std::int64_t ports, double ratio) {
  auto down = static_cast<std::int64_t>(static_cast<double>(ports) / (1 + ratio)) + 1;
  while (down > 0 && down + uplinks(down, ratio) > ports) --down;
  return down;
}

/// Smallest divisor of `value` that `suffices`, or zero.
std::int64_t smallest_divisor(std::int64_t value, const std::function<bool(std::int64_t)>& suffices) {
  for (std::int64_t d = 1; d <= value; ++d) {
    if (value % d == 0 && suffices(d)) return d;
  }
  return 0;
}

class Resolver {
 public:
  Resolver(const ClusterSpecification& cluster, std::int64_t levels)
      : cluster_(cluster),
        fabric_(cluster.fabric),
        spine_ports_(fabric_.spine_ports > 0 ? fabric_.spine_ports : fabric_.switch_ports),
        core_ports_(fabric_.core_ports > 0 ? fabric_.core_ports : fabric_.switch_ports) {
    shape_.levels = levels;
    shape_.rails = fabric_.rail_optimized && cluster.node.nics > 1;
  }

  ShapeOrProblem resolve() {
    Outcome problem = unused_fields();
    if (!problem) problem = leaves();
    if (!problem && shape_.levels >= 2) problem = pods();
    if (!problem && shape_.levels >= 2) problem = spines();
    if (!problem && shape_.levels == 3) problem = cores();
    return {shape_, problem};
  }

  /// One switch that takes every NIC is every rail's leaf.
  ShapeOrProblem one_switch() {
    shape_.rails = false;
    return resolve();
  }

 private:
  Outcome unused_fields() const {
    if (shape_.levels < 3 && fabric_.cores > 0) return Problem{"/fabric/cores", "cores need levels: 3"};
    if (shape_.levels < 3 && fabric_.leaf_groups_per_pod > 0) {
      return Problem{"/fabric/leaf_groups_per_pod", "pods need levels: 3; with fewer levels all leaves are one pod"};
    }
    if (shape_.levels < 2 && fabric_.spines_per_pod > 0) {
      return Problem{"/fabric/spines_per_pod", "spines need levels: 2 or 3"};
    }
    return {};
  }

  double leaf_ratio() const {
    if (shape_.levels == 1) return 0;
    const BytesPerSecond cable = std::min(fastest_nic(cluster_), fabric_.link);
    return cable / fabric_.link / fabric_.leaf_oversubscription;
  }

  std::int64_t leaf_uplinks(std::int64_t down) const { return shape_.levels == 1 ? 0 : uplinks(down, leaf_ratio()); }

  std::int64_t most_leaf_down() const {
    return shape_.levels == 1 ? fabric_.switch_ports : most_down(fabric_.switch_ports, leaf_ratio());
  }

  Outcome leaves() {
    const std::int64_t ports_per_node = shape_.rails ? 1 : cluster_.node.nics;
    shape_.leaves_per_group = shape_.rails ? cluster_.node.nics : 1;
    shape_.nodes_per_group =
        fabric_.nodes_per_leaf_group > 0 ? fabric_.nodes_per_leaf_group : most_leaf_down() / ports_per_node;
    if (shape_.nodes_per_group == 0) {
      return Problem{"/fabric/switch_ports", fmt::format("a leaf of {} ports is too small for the {} of one node and "
                                                         "their uplinks",
                                                         fabric_.switch_ports, ports_per_node)};
    }
    shape_.leaf_down = shape_.nodes_per_group * ports_per_node;
    shape_.leaf_up = leaf_uplinks(shape_.leaf_down);
    if (shape_.leaf_down + shape_.leaf_up > fabric_.switch_ports) {
      return Problem{
          "/fabric/nodes_per_leaf_group",
          fmt::format("{} ports down and {} up exceed the {} ports of a leaf; at most {} nodes per leaf group",
                      shape_.leaf_down, shape_.leaf_up, fabric_.switch_ports, most_leaf_down() / ports_per_node)};
    }
    shape_.groups = divided_up(cluster_.nodes, shape_.nodes_per_group);
    if (shape_.levels == 1 && shape_.groups > 1) {
      return Problem{"/fabric/levels", fmt::format("one level takes {} nodes, the cluster has {}; use 2 levels",
                                                   shape_.nodes_per_group, cluster_.nodes)};
    }
    shape_.pods = 1;
    shape_.groups_per_pod = shape_.groups;
    return {};
  }

  Outcome pods() {
    if (shape_.levels == 2) return {};
    shape_.groups_per_pod = fabric_.leaf_groups_per_pod;
    if (shape_.groups_per_pod == 0) {  // the largest pods: one cable from each leaf to each spine
      shape_.groups_per_pod = std::min(
          shape_.groups, most_down(spine_ports_, 1 / fabric_.spine_oversubscription) / shape_.leaves_per_group);
    }
    if (shape_.groups_per_pod == 0) {
      return Problem{spine_pointer(), fmt::format("a spine of {} ports is too small for the {} leaves of one group and "
                                                  "its own uplinks",
                                                  spine_ports_, shape_.leaves_per_group)};
    }
    shape_.pods = divided_up(shape_.groups, shape_.groups_per_pod);
    return {};
  }

  std::int64_t spine_down(std::int64_t spines) const { return shape_.leaves_per_pod() * shape_.leaf_up / spines; }
  std::int64_t spine_up(std::int64_t spines) const {
    return shape_.levels == 3 ? uplinks(spine_down(spines), 1 / fabric_.spine_oversubscription) : 0;
  }
  bool spines_suffice(std::int64_t spines) const { return spine_down(spines) + spine_up(spines) <= spine_ports_; }

  Outcome spines() {
    const std::int64_t fewest = smallest_divisor(shape_.leaf_up, [&](auto n) { return spines_suffice(n); });
    if (fewest == 0) return too_many_leaves();
    shape_.spines_per_pod = fabric_.spines_per_pod > 0 ? fabric_.spines_per_pod : fewest;
    if (shape_.leaf_up % shape_.spines_per_pod != 0) {
      return Problem{"/fabric/spines_per_pod",
                     fmt::format("the {} uplinks of a leaf do not spread evenly over {} spines; {} would do",
                                 shape_.leaf_up, shape_.spines_per_pod, fewest)};
    }
    if (!spines_suffice(shape_.spines_per_pod)) {
      return Problem{"/fabric/spines_per_pod",
                     fmt::format("{} spines need {} ports down and {} up each, they have {}; {} spines would do",
                                 shape_.spines_per_pod, spine_down(shape_.spines_per_pod),
                                 spine_up(shape_.spines_per_pod), spine_ports_, fewest)};
    }
    shape_.spine_down = spine_down(shape_.spines_per_pod);
    shape_.spine_up = spine_up(shape_.spines_per_pod);
    return {};
  }

  Outcome too_many_leaves() const {
    if (shape_.levels == 3) {
      return Problem{"/fabric/leaf_groups_per_pod", fmt::format("spines of {} ports can't join the {} leaves of a pod",
                                                                spine_ports_, shape_.leaves_per_pod())};
    }
    return Problem{"/fabric/levels",
                   fmt::format("spines of {} ports can't join {} leaves; use 3 levels or larger spines", spine_ports_,
                               shape_.leaves_per_pod())};
  }

  bool cores_suffice(std::int64_t cores) const { return shape_.pods * shape_.spine_up / cores <= core_ports_; }

  Outcome cores() {
    const std::int64_t fewest = smallest_divisor(shape_.spine_up, [&](auto n) { return cores_suffice(n); });
    if (fewest == 0) {
      return Problem{
          fabric_.core_ports > 0 ? "/fabric/core_ports" : "/fabric/switch_ports",
          fmt::format("cores of {} ports can't join {} pods; 3 levels of such switches take at most {} nodes",
                      core_ports_, shape_.pods, core_ports_ * shape_.groups_per_pod * shape_.nodes_per_group)};
    }
    const std::int64_t spines = shape_.spines_per_pod;
    shape_.cores_per_spine = fabric_.cores > 0 ? fabric_.cores / spines : fewest;
    const bool whole =
        fabric_.cores % spines == 0 && shape_.cores_per_spine > 0 && shape_.spine_up % shape_.cores_per_spine == 0;
    if (!whole || !cores_suffice(shape_.cores_per_spine)) {
      return Problem{"/fabric/cores",
                     fmt::format("{} cores of {} ports do not join {} pods of {} spines with {} uplinks each evenly; "
                                 "{} would do",
                                 fabric_.cores, core_ports_, shape_.pods, spines, shape_.spine_up, fewest * spines)};
    }
    return {};
  }

  const char* spine_pointer() const { return fabric_.spine_ports > 0 ? "/fabric/spine_ports" : "/fabric/switch_ports"; }

  const ClusterSpecification& cluster_;
  const FatTreeSpecification& fabric_;
  const std::int64_t spine_ports_, core_ports_;
  FatTreeShape shape_;
};

bool fits_one_switch(const ClusterSpecification& cluster) {
  const FatTreeSpecification& f = cluster.fabric;
  return f.nodes_per_leaf_group == 0 && f.leaf_groups_per_pod == 0 && f.spines_per_pod == 0 && f.cores == 0 &&
         cluster.nodes * cluster.node.nics <= f.switch_ports;
}

}  // namespace

ShapeOrProblem fat_tree_shape(const ClusterSpecification& cluster) {
  const FatTreeSpecification& fabric = cluster.fabric;
  if (fabric.kind != FabricKind::fat_tree) return {};
  if (fabric.levels > 0) return Resolver(cluster, fabric.levels).resolve();
  if (fits_one_switch(cluster)) return Resolver(cluster, 1).one_switch();
  if (fabric.cores == 0 && fabric.leaf_groups_per_pod == 0) {
    ShapeOrProblem two = Resolver(cluster, 2).resolve();
    if (!two.problem || two.problem->pointer != "/fabric/levels") return two;
  }
  return Resolver(cluster, 3).resolve();
}

}  // namespace plenum::topology
