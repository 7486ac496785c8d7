// Fat tree (folded Clos) of one, two or three levels, rail-optimized or plain. Cable u of a leaf goes to spine
// u mod spines of its pod, cable j of spine s to core j mod cores_per_spine of those that belong to spine index s, so
// that every up path has its down path.
#pragma once

#include "topologies/cluster.hpp"
#include "topologies/fat_tree_shape.hpp"

namespace plenum::topology {

/// Order of edges: a NIC's last is its leaf; a leaf's are its down ports, then its uplinks; a spine's are the leaves of
/// its pod (parallel cables together), then its uplinks; a core's are the pods (parallel cables together).
void wire_fat_tree(const ClusterSpecification&, const FatTreeShape&, const VertexNumbers&, Wiring&);

}  // namespace plenum::topology
