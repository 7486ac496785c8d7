#include "topologies/routing.hpp"

#include <array>

#include "topologies/graph_network.hpp"
#include "topologies/network.hpp"
#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

using Make = std::unique_ptr<Network> (*)(const Cluster&, const ClusterSpecification&);
constexpr std::array<Make, 3> policies{make_spread, make_ecmp, make_destination};  // by RoutingKind

}  // namespace

std::unique_ptr<Network> make_network(const Cluster& cluster, const ClusterSpecification& specification) {
  if (is_switch_graph(specification.fabric.kind) || specification.broken())
    return make_graph_network(cluster, specification);
  return policies[static_cast<std::size_t>(specification.fabric.routing)](cluster, specification);
}

}  // namespace plenum::topology
