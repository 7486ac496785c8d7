#include "topologies/fat_tree.hpp"

#include <algorithm>

#include "topologies/node.hpp"

namespace plenum::topology {
namespace {

void wire_nics(const ClusterSpecification& cluster, const FatTreeShape& shape, const VertexNumbers& numbers,
               Wiring& wiring) {
  for (std::int64_t node = 0; node < cluster.nodes; ++node) {
    const Link cable{std::min(node_at(cluster, node).nic, cluster.fabric.link), cluster.fabric.link_latency,
                     LinkKind::cable};
    for (std::int64_t nic = 0; nic < cluster.node.nics; ++nic) {
      wiring.connect(numbers.of(VertexKind::nic, node * cluster.node.nics + nic),
                     numbers.of(VertexKind::leaf, shape.leaf_of(node, nic)), cable);
    }
  }
}

void wire_leaves(const FatTreeShape& shape, const VertexNumbers& numbers, const Link& cable, Wiring& wiring) {
  for (std::int64_t leaf = 0; leaf < shape.leaves(); ++leaf) {
    const std::int64_t first_spine = shape.pod_of_leaf(leaf) * shape.spines_per_pod;
    for (std::int64_t u = 0; u < shape.leaf_up; ++u) {
      wiring.connect(numbers.of(VertexKind::leaf, leaf),
                     numbers.of(VertexKind::spine, first_spine + u % shape.spines_per_pod), cable);
    }
  }
}

void wire_spines(const FatTreeShape& shape, const VertexNumbers& numbers, const Link& cable, Wiring& wiring) {
  for (std::int64_t spine = 0; spine < shape.spines(); ++spine) {
    const std::int64_t first_core = spine % shape.spines_per_pod * shape.cores_per_spine;
    for (std::int64_t j = 0; j < shape.spine_up; ++j) {
      wiring.connect(numbers.of(VertexKind::spine, spine),
                     numbers.of(VertexKind::core, first_core + j % shape.cores_per_spine), cable);
    }
  }
}

}  // namespace

void wire_fat_tree(const ClusterSpecification& cluster, const FatTreeShape& shape, const VertexNumbers& numbers,
                   Wiring& wiring) {
  const Link cable{cluster.fabric.link, cluster.fabric.link_latency, LinkKind::cable};
  if (shape.levels >= 1) wire_nics(cluster, shape, numbers, wiring);
  if (shape.levels >= 2) wire_leaves(shape, numbers, cable, wiring);
  if (shape.levels >= 3) wire_spines(shape, numbers, cable, wiring);
}

}  // namespace plenum::topology
