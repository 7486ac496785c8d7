// A graph as another program wrote it: vertices with names, cables between them. Names say what a vertex is: "gpu 3",
// "nvswitch 0" or "host 0" and "nic 3" are parts of nodes, everything else is a switch. Without GPUs, every switch gets
// a node.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "topologies/specification.hpp"

namespace plenum::topology {

struct ImportedGraph {
  struct Cable {
    std::size_t from = 0, to = 0;
    BytesPerSecond bandwidth{};  ///< zero: not stated
    Seconds latency{};
    std::int64_t count = 1;
    Position where{};
  };
  std::vector<std::string> vertices;
  std::vector<Cable> cables;
  bool both_ways = false;  ///< every cable is listed once per direction
  Position where;
};

/// As a cluster on a custom fabric, nodes at other rates than the first one's as its other nodes; nothing with issues:
/// rates beyond the bounds, nodes that differ in more, NICs without a switch.
std::optional<ClusterSpecification> cluster_of(const ImportedGraph&, Issues&);

}  // namespace plenum::topology
