// Clusters that other programs described. Each reader takes any bytes and returns a cluster, or nothing and at least
// one issue with its position; memory is bounded by a multiple of the text.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string_view>

#include "topologies/specification.hpp"

namespace plenum::topology {

using Import = std::optional<ClusterSpecification> (*)(std::string_view text, const std::string& name, Issues&);

/// Through Boost.Graph; edge attributes bytes_per_second and latency_seconds, vertex attribute name.
std::optional<ClusterSpecification> import_graphml(std::string_view text, const std::string& name, Issues&);
/// Through Boost.Graph; the same attributes, and `label` of an edge: parallel cables.
std::optional<ClusterSpecification> import_graphviz(std::string_view text, const std::string& name, Issues&);
/// {"vertices": [names], "edges": [[from, to, bytes_per_second, seconds], ...]}
std::optional<ClusterSpecification> import_edge_list(std::string_view text, const std::string& name, Issues&);
/// Network file of ASTRA-sim: topology, npus_count, bandwidth (GB/s of 2^30 bytes), latency (ns) per dimension.
std::optional<ClusterSpecification> import_astra_sim(std::string_view text, const std::string& name, Issues&);
/// What NCCL writes to NCCL_TOPO_DUMP_FILE: one node.
std::optional<ClusterSpecification> import_nccl_node(std::string_view text, const std::string& name, Issues&);

struct ImportFormat {
  std::string_view extension, what;
  Import import;
};
inline constexpr std::array<ImportFormat, 7> import_formats{{{".graphml", "GraphML", import_graphml},
                                                             {".dot", "Graphviz", import_graphviz},
                                                             {".gv", "Graphviz", import_graphviz},
                                                             {".edges", "JSON edge list", import_edge_list},
                                                             {".yml", "ASTRA-sim network", import_astra_sim},
                                                             {".yaml", "ASTRA-sim network", import_astra_sim},
                                                             {".xml", "NCCL topology of a node", import_nccl_node}}};

inline constexpr std::size_t largest_import = std::size_t{64} << 20;  ///< bytes

/// By the name's extension; nullptr: no foreign format.
const ImportFormat* import_format(const std::filesystem::path&);

/// Precondition: import_format(file).
std::optional<ClusterSpecification> import_cluster(const std::filesystem::path& file, Issues&);

}  // namespace plenum::topology
