// The dimensions of a fat tree in whole switches and whole cables: what the user left at zero is derived here. Uplinks
// are laid out for full leaf groups and full pods even where the last ones are incomplete, as NVIDIA's reference
// architectures do ("the fabric should be designed to support the full SU", docs.nvidia.com, DGX SuperPOD H100, Network
// Fabrics), and every leaf reaches every spine of its pod with the same number of cables, every spine its cores
// likewise: only then even spreading is even. The fewest switches that allow it reproduce the SuperPOD switch counts.
#pragma once

#include <optional>

#include "topologies/specification.hpp"

namespace plenum::topology {

struct FatTreeShape {
  std::int64_t levels = 0;  ///< of switches; 0: no fabric
  bool rails = false;       ///< NIC r of each node to leaf r of its group; else all NICs of a node to one leaf
  std::int64_t nodes_per_group = 0, leaves_per_group = 0, groups = 0;
  std::int64_t leaf_down = 0, leaf_up = 0;  ///< ports per leaf
  std::int64_t groups_per_pod = 0, pods = 0;
  std::int64_t spines_per_pod = 0, spine_down = 0, spine_up = 0;
  std::int64_t cores_per_spine = 0;  ///< cores that spine s reaches, the same for spine s of every pod

  std::int64_t leaves() const { return groups * leaves_per_group; }
  std::int64_t leaves_per_pod() const { return groups_per_pod * leaves_per_group; }
  std::int64_t spines() const { return pods * spines_per_pod; }
  std::int64_t cores() const { return spines_per_pod * cores_per_spine; }
  std::int64_t cables_per_leaf_and_spine() const { return leaf_up / spines_per_pod; }
  std::int64_t cables_per_spine_and_core() const { return spine_up / cores_per_spine; }

  std::int64_t leaf_of(std::int64_t node, std::int64_t nic) const {
    return node / nodes_per_group * leaves_per_group + (rails ? nic : 0);
  }
  /// Down port of its leaf that NIC `nic` of `node` is plugged into.
  std::int64_t leaf_port(std::int64_t node, std::int64_t nic) const {
    const std::int64_t in_group = node % nodes_per_group;
    return rails ? in_group : in_group * (leaf_down / nodes_per_group) + nic;
  }
  std::int64_t pod_of_leaf(std::int64_t leaf) const { return leaf / leaves_per_pod(); }
};

/// The shape, or why there is none. Preconditions: the fields' own ranges hold; 1 <= nics <= gpus.
struct ShapeOrProblem {
  FatTreeShape shape;
  std::optional<Problem> problem;
};
ShapeOrProblem fat_tree_shape(const ClusterSpecification&);

}  // namespace plenum::topology
