// A cluster as other programs read it.
#pragma once

#include <iosfwd>

#include "topologies/cluster.hpp"

namespace plenum::topology {

/// One edge per cable and direction; attributes: kind and index of a vertex, bandwidth (bytes per second), latency
/// (seconds).
void write_graphml(const Cluster&, std::ostream&);
/// Undirected, parallel cables as one edge labelled with their number; rates as in GraphML.
void write_dot(const Cluster&, std::ostream&);
/// JSON: {"vertices": [names], "edges": [[from, to, bytes_per_second, seconds], ...]}, one per direction.
void write_edge_list(const Cluster&, std::ostream&);

}  // namespace plenum::topology
