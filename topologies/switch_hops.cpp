#include "topologies/switch_hops.hpp"

namespace plenum::topology {

std::vector<std::vector<SwitchHop>> switch_hops(const Cluster& cluster) {
  const auto first = cluster.numbers.of(VertexKind::leaf, 0);
  std::vector<std::vector<SwitchHop>> hops(num_vertices(cluster.graph) - first);
  for (std::size_t s = 0; s < hops.size(); ++s)
    for (const auto edge : edges_from(first + static_cast<VertexId>(s), cluster.graph))
      if (const auto to = target(edge, cluster.graph); to >= first)
        hops[s].push_back({to - first, get(boost::edge_index, cluster.graph, edge)});
  return hops;
}

}  // namespace plenum::topology
