// What is connected to what: a directed Boost graph of GPUs, NVSwitch domains, NICs and switches, one edge per cable
// and direction. Built by generators (node.hpp, fat_tree.hpp), read by routing and by graph analysis. Knows no
// workload.
#pragma once

#include <array>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/range/iterator_range.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/quantity.hpp"

namespace plenum::topology {

enum class VertexKind : std::uint8_t { gpu, nvswitch, nic, leaf, spine, core };
inline constexpr std::size_t vertex_kinds = 6;

/// `index` counts within the kind, over the whole cluster: "leaf 12". `parent` is the node (gpu, nic), the first node
/// of the domain (nvswitch) or the pod (leaf, spine) that it belongs to; 0 for cores. An nvswitch vertex stands for all
/// NVSwitch chips of one domain or, called "host 3", for the PCIe of a host that GPUs meet in.
struct Vertex {
  VertexKind kind = VertexKind::gpu;
  std::uint32_t index = 0;
  std::uint32_t parent = 0;
  bool host = false;
};

/// `host`: PCIe between the GPUs of a node; `pcie`: between a GPU and its NIC.
enum class LinkKind : std::uint8_t { nvlink, host, pcie, cable };

/// Of the machines whose collectives were measured: measured hops contain them.
inline constexpr Seconds usual_domain_latency{1e-6};   ///< GPU to GPU through an NVSwitch or a bridge
inline constexpr Seconds usual_host_latency{2e-6};     ///< GPU to GPU through the host
inline constexpr Seconds usual_cable_latency{0.6e-6};  ///< one cable and one switch

struct Link {
  BytesPerSecond bandwidth{};  ///< of this direction
  Seconds latency{};
  LinkKind kind = LinkKind::cable;
};

/// Compressed rows: edges are numbered densely from 0 (boost::edge_index) by source, and under one source in the order
/// in which the generators wired them.
using Graph = boost::compressed_sparse_row_graph<boost::directedS, Vertex, Link, boost::no_property, std::uint32_t>;
using VertexId = Graph::vertex_descriptor;
using EdgeId = Graph::edge_descriptor;

inline auto edges_from(VertexId vertex, const Graph& graph) {
  return boost::make_iterator_range(out_edges(vertex, graph));
}

/// Vertices stand kind after kind, in the order of VertexKind.
struct VertexNumbers {
  std::array<VertexId, vertex_kinds + 1> first{};

  VertexId of(VertexKind kind, std::int64_t index) const {
    return first[static_cast<std::size_t>(kind)] + static_cast<VertexId>(index);
  }
  std::int64_t count(VertexKind kind) const {
    const auto k = static_cast<std::size_t>(kind);
    return first[k + 1] - first[k];
  }
};

/// Cables to be: pairs of directed edges in the order wired.
struct Wiring {
  std::vector<std::pair<VertexId, VertexId>> edges;
  std::vector<Link> links;

  void connect(VertexId a, VertexId b, const Link& link);  ///< both directions
};

struct Cluster {
  Graph graph;
  VertexNumbers numbers;
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

/// Every one of these GPUs reaches every other of them over the graph (NVLink included).
bool connected(const Cluster&, std::span<const std::uint32_t> gpus);

/// "leaf 12", as degraded links and busy links are named.
std::string name_of(const Vertex&);
/// The vertex that `name` means, or Graph::null_vertex().
VertexId find_vertex(const Cluster&, const std::string& name);

}  // namespace plenum::topology
