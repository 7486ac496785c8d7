// A cluster as a platform of SimGrid, so that what was found here can be run again without this program.
#pragma once

#include <iosfwd>

#include "topologies/routing.hpp"

namespace plenum::topology {

inline constexpr std::size_t most_simgrid_hosts = 256;  ///< routes are listed for every pair

/// SimGrid's XML (DTD 4.1): a host per GPU, a link per channel that a route uses (one direction each), and the route of
/// flow label 0 between every two GPUs. The platform sets SimGrid's network model so that a flow alone takes latency +
/// bytes / bandwidth as here. SimGrid shares a link in inverse proportion to the latencies of its flows; with
/// --cfg=network/latency-factor:0, when latencies are the program's to wait for, evenly, as here.
/// Precondition: at most most_simgrid_hosts GPUs, all connected.
void write_simgrid(const Cluster&, const Network&, std::ostream&);

}  // namespace plenum::topology
