#include "sim/scenario/connectivity.hpp"

#include <boost/graph/strong_components.hpp>
#include <vector>

namespace plenum::scenario {

std::optional<std::int64_t> unreachable_gpu(const topology::Cluster& cluster, std::int64_t first, std::int64_t count) {
  std::vector<std::size_t> component(num_vertices(cluster.graph));
  const auto index = get(boost::vertex_index, cluster.graph);
  boost::strong_components(cluster.graph, boost::make_iterator_property_map(component.begin(), index));
  const auto component_of = [&](std::int64_t gpu) { return component[cluster.gpus[static_cast<std::size_t>(gpu)]]; };
  for (std::int64_t gpu = first; gpu < first + count; ++gpu)
    if (component_of(gpu) != component_of(first)) return gpu;
  return std::nullopt;
}

}  // namespace plenum::scenario
