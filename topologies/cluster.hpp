// What is connected to what: a directed Boost graph of GPUs, NVSwitch domains, NICs and switches, one edge per cable and
// direction. Built by generators (node.hpp, fat_tree.hpp), read by routing and by graph analysis. Knows no workload.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/graph/adjacency_list.hpp>

#include "sim/core/quantity.hpp"

namespace plenum::topology {

enum class VertexKind : std::uint8_t { gpu, nvswitch, nic, leaf, spine, core };

/// `index` counts within the kind, over the whole cluster: "leaf 12". `parent` is the node (gpu, nvswitch, nic) or the
/// pod (leaf, spine) that it belongs to; 0 for cores.
struct Vertex {
  VertexKind kind = VertexKind::gpu;
  std::uint32_t index = 0;
  std::uint32_t parent = 0;
};

enum class LinkKind : std::uint8_t { nvlink, pcie, cable };

struct Link {
  BytesPerSecond bandwidth{};  ///< of this direction
  Seconds latency{};
  LinkKind kind = LinkKind::cable;
};

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Vertex, Link>;
using VertexId = Graph::vertex_descriptor;
using EdgeId = Graph::edge_descriptor;

struct Cluster {
  Graph graph;
  std::vector<VertexId> gpus;  ///< by GPU number; node n holds gpus n*gpus_per_node ...
  std::int64_t nodes = 0;
  std::int64_t gpus_per_node = 0;
  std::int64_t pods = 1;

  std::int64_t node_of(std::int64_t gpu) const { return gpu / gpus_per_node; }
};

struct Counts {
  std::int64_t gpus = 0, nodes = 0, nvswitches = 0, nics = 0, leaf = 0, spine = 0, core = 0;
  std::int64_t node_leaf_cables = 0, leaf_spine_cables = 0, spine_core_cables = 0;
};
Counts count(const Cluster&);

/// "leaf 12", as degraded links and busy links are named.
std::string name_of(const Vertex&);
/// The vertex that `name` means, or Graph::null_vertex().
VertexId find_vertex(const Cluster&, const std::string& name);

}  // namespace plenum::topology
