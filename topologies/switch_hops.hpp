// Switches as neighbours of each other, numbered from the first leaf on.
#pragma once

#include <cstdint>
#include <vector>

#include "topologies/cluster.hpp"

namespace plenum::topology {

struct SwitchHop {
  std::int64_t to = 0;     ///< switch
  std::uint32_t edge = 0;  ///< of the cluster's graph, one of the cables there
};

/// By switch: every cable to another one.
std::vector<std::vector<SwitchHop>> switch_hops(const Cluster&);

}  // namespace plenum::topology
