// Routes over any graph of switches: shortest ways by breadth-first search, and detours. Policies of RoutingKind;
// `spread` is adaptive, as evenly as whole flows allow.
#pragma once

#include <memory>

#include "topologies/routing.hpp"

namespace plenum::topology {

std::unique_ptr<Network> make_graph_network(const Cluster&, const ClusterSpecification&);

}  // namespace plenum::topology
