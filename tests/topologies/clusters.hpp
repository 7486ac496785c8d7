// Clusters for tests: small random ones, and the classical k-ary fat trees.
#pragma once

#include <rapidcheck.h>

#include "topologies/specification.hpp"

namespace plenum::topology {

/// Small specification, not always a possible one.
inline ClusterSpecification arbitrary_cluster() {
  const auto pick = [](std::initializer_list<std::int64_t> values) {
    return *rc::gen::elementOf(std::vector<std::int64_t>(values));
  };
  ClusterSpecification c;
  c.node.nics = pick({1, 2, 3, 4});
  c.node.gpus = c.node.nics + pick({0, 0, 1, 4});
  c.node.nvlink_domain_nodes = pick({1, 1, 2, 3});
  c.nodes = *rc::gen::inRange<std::int64_t>(1, 25);
  FatTreeSpecification& f = c.fabric;
  f.levels = pick({0, 1, 2, 2, 3, 3});
  f.rail_optimized = *rc::gen::arbitrary<bool>();
  f.switch_ports = pick({8, 12, 16, 24});
  f.spine_ports = pick({0, 0, 64});
  f.core_ports = pick({0, 0, 64});
  f.nodes_per_leaf_group = f.levels == 1 ? 0 : pick({0, 1, 2, 3});
  f.leaf_groups_per_pod = f.levels == 3 ? pick({0, 1, 2, 3}) : 0;
  f.leaf_oversubscription = static_cast<double>(pick({2, 2, 3, 4, 14})) / 2;
  f.spine_oversubscription = static_cast<double>(pick({2, 2, 3, 14})) / 2;
  f.routing = static_cast<RoutingKind>(pick({0, 1, 2}));
  return c;
}

/// One GPU per node on switches of k ports, as large as `levels` allow: k, k^2/2 or k^3/4 hosts.
inline ClusterSpecification k_ary(std::int64_t k, std::int64_t levels) {
  ClusterSpecification c;
  c.node.gpus = c.node.nics = 1;
  c.nodes = levels == 1 ? k : levels == 2 ? k * k / 2 : k * k * k / 4;
  c.fabric.levels = levels;
  c.fabric.switch_ports = k;
  return c;
}

}  // namespace plenum::topology
