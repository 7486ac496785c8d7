#include "topologies/switch_graph.hpp"

namespace plenum::topology {

SwitchGraph planes(std::int64_t planes, std::int64_t segments, std::int64_t rails, std::int64_t spines,
                   std::int64_t cables) {
  const std::int64_t leaves = segments * rails;  // of one plane
  SwitchGraph graph{.leaves = planes * leaves, .spines = planes * spines, .cables = {}, .planes = planes};
  for (std::int64_t plane = 0; plane < planes; ++plane)
    for (std::int64_t leaf = 0; leaf < leaves; ++leaf)
      for (std::int64_t spine = 0; spine < spines; ++spine)
        graph.cables.push_back({plane * leaves + leaf, graph.leaves + plane * spines + spine, cables});
  return graph;
}

}  // namespace plenum::topology
