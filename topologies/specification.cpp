#include "topologies/specification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "topologies/fat_tree_shape.hpp"
#include "topologies/node.hpp"
#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

constexpr std::array<std::string_view, 9> fabric_names{"none",   "fat_tree",  "multi_plane",    "torus",   "mesh",
                                                       "hyperx", "dragonfly", "dragonfly_plus", "slim_fly"};
constexpr std::array<std::string_view, 7> routing_names{"spread",          "ecmp",    "destination", "adaptive",
                                                        "dimension_order", "valiant", "ugal"};

// Bounds keep products of counts within 64 bits and rates within what simulated time resolves.
constexpr std::int64_t most_nodes = 1 << 20, most_ports = 1 << 16, most_per_node = 1 << 10;
constexpr std::int64_t most_gpus = 1 << 20, most_cables = 1 << 24;
constexpr double most_oversubscription = 1000;
constexpr Range counted(std::int64_t low, std::int64_t high) {
  return between(static_cast<double>(low), static_cast<double>(high));
}
constexpr Range bandwidth = between(1e6, 1e15);  // bytes per second
constexpr Range latency = between(0, 1);         // seconds
constexpr Range oversubscription = between(1 / most_oversubscription, most_oversubscription);

bool in(std::int64_t value, std::int64_t low, std::int64_t high) { return low <= value && value <= high; }

bool graph_in_range(const SwitchGraphSpecification& g) {
  return std::ranges::all_of(g.dimensions, [](auto d) { return in(d, 1, most_nodes); }) && g.dimensions.size() <= 16 &&
         in(g.nodes_per_switch, 1, most_nodes) && in(g.cables, 1, most_ports) && in(g.groups, 0, most_ports) &&
         in(g.switches_per_group, 0, most_ports) && in(g.global_cables, 1, most_ports) && in(g.planes, 1, 64) &&
         in(g.spines, 0, most_ports);
}

/// What the rest of check() and the generators divide by and multiply.
bool fields_in_range(const ClusterSpecification& c) {
  const NodeSpecification& n = c.node;
  const FatTreeSpecification& f = c.fabric;
  const auto ratio = [](double r) { return r >= 1 / most_oversubscription && r <= most_oversubscription; };
  const auto rate = [](BytesPerSecond b) { return b.value() >= bandwidth.low && b.value() <= bandwidth.high; };
  return in(c.nodes, 1, most_nodes) && in(n.gpus, 1, most_per_node) && in(n.nics, 0, most_per_node) &&
         in(n.nvlink_domain_nodes, 1, most_nodes) && in(f.levels, 0, 3) && in(f.switch_ports, 1, most_ports) &&
         in(f.spine_ports, 0, most_ports) && in(f.core_ports, 0, most_ports) &&
         in(f.nodes_per_leaf_group, 0, most_nodes) && in(f.leaf_groups_per_pod, 0, most_nodes) &&
         in(f.spines_per_pod, 0, most_nodes) && in(f.cores, 0, most_nodes) && ratio(f.leaf_oversubscription) &&
         graph_in_range(f.graph) && ratio(f.spine_oversubscription) && rate(n.nvlink) && rate(n.nic) && rate(n.pcie) &&
         rate(f.link);
}

void check_domains(const ClusterSpecification& c, std::vector<Problem>& problems) {
  if (c.fabric.kind != FabricKind::none || c.nodes <= c.node.nvlink_domain_nodes) return;
  problems.push_back(
      {"/fabric/kind", fmt::format("without a fabric, {} nodes in NVLink domains of {} are not connected", c.nodes,
                                   c.node.nvlink_domain_nodes)});
}

void check_nics(const ClusterSpecification& c, std::vector<Problem>& problems) {
  if (c.fabric.kind == FabricKind::none) return;
  if (c.node.nics < 1) problems.push_back({"/node/nics", "a fabric needs at least one NIC per node"});
  if (c.node.nics > c.node.gpus) {
    problems.push_back(
        {"/node/nics", fmt::format("{} NICs for {} GPUs; at most one per GPU", c.node.nics, c.node.gpus)});
  }
}

void check_size(const ClusterSpecification& c, std::vector<Problem>& problems) {
  if (c.nodes * c.node.gpus <= most_gpus) return;
  problems.push_back({"/nodes", fmt::format("{} GPUs; at most {} are supported", c.nodes * c.node.gpus, most_gpus)});
}

void check_shape(const ClusterSpecification& c, std::vector<Problem>& problems) {
  if (is_switch_graph(c.fabric.kind)) {
    const auto problem = switch_graph_problem(c);
    if (problem) problems.push_back(*problem);
    return;
  }
  if (c.fabric.routing > RoutingKind::destination)
    return problems.push_back({"/fabric/routing", "fat trees route by spread, ecmp or destination"});
  const auto [shape, problem] = fat_tree_shape(c);
  if (problem) return problems.push_back(*problem);
  const std::int64_t cables = nics(c) + shape.leaves() * shape.leaf_up + shape.spines() * shape.spine_up;
  if (cables > most_cables) {
    problems.push_back({"/fabric", fmt::format("{} cables; at most {} are supported", cables, most_cables)});
  }
}

void check_degraded_links(const ClusterSpecification& c, std::vector<Problem>& problems) {
  ClusterSpecification healthy = c;
  healthy.degraded_links.clear();
  const Cluster cluster = build(healthy);
  for (std::size_t i = 0; i < c.degraded_links.size(); ++i) {
    const DegradedLink& link = c.degraded_links[i];
    const std::string pointer = fmt::format("/degraded_links/{}", i);
    const VertexId from = find_vertex(cluster, link.from), to = find_vertex(cluster, link.to);
    const auto unknown = [&](const char* end, const std::string& name) {
      problems.push_back({pointer + end, fmt::format("unknown \"{}\"; this cluster has gpu, nvswitch, nic, leaf, spine "
                                                     "and core, numbered from 0: \"gpu {}\" is its last GPU",
                                                     name, cluster.gpus.size() - 1)});
    };
    if (from == Graph::null_vertex()) unknown("/from", link.from);
    if (to == Graph::null_vertex()) unknown("/to", link.to);
    if (from == Graph::null_vertex() || to == Graph::null_vertex()) continue;
    if (!edge(from, to, cluster.graph).second) {
      problems.push_back({pointer, fmt::format("no link from \"{}\" to \"{}\"", link.from, link.to)});
    }
  }
}

}  // namespace

std::span<const std::string_view> names_of(FabricKind) { return fabric_names; }
std::span<const std::string_view> names_of(RoutingKind) { return routing_names; }

void describe(Fields& fields, NodeSpecification& node) {
  fields.optional("gpus", node.gpus, "GPUs of one node", counted(1, most_per_node));
  fields.optional("nvlink", node.nvlink, "NVLink bandwidth of one GPU, per direction", bandwidth);
  fields.optional("nvlink_latency", node.nvlink_latency, "Latency from GPU to GPU through the NVSwitch", latency);
  fields.optional("nvlink_domain_nodes", node.nvlink_domain_nodes,
                  "Nodes that share one NVSwitch domain (18 trays in GB200 NVL72)", counted(1, most_nodes));
  fields.optional("nics", node.nics, "NICs of one node for the compute fabric; GPU g uses NIC g * nics / gpus",
                  counted(0, most_per_node));
  fields.optional("nic", node.nic, "Bandwidth of one NIC, per direction", bandwidth);
  fields.optional("pcie", node.pcie, "Bandwidth between a GPU and its NIC, per direction", bandwidth);
  fields.optional("nvswitch_chips", node.nvswitch_chips,
                  "NVSwitch chips per NVSwitch domain, for the bill of materials", counted(0, most_ports));
}

void describe(Fields& fields, FatTreeSpecification& fabric) {
  fields.optional(
      "kind", fabric.kind,
      "none: a single node or NVLink domain; fat_tree: a folded Clos; multi_plane: leaf-spine planes, a NIC port in "
      "each; torus, mesh, hyperx, dragonfly, dragonfly_plus, slim_fly: graphs of like switches");
  fields.optional("levels", fabric.levels, "Levels of switches; 0: as few as hold the nodes", counted(0, 3));
  fields.optional("rail_optimized", fabric.rail_optimized,
                  "NIC r of each node to leaf r of its group; else all NICs of a node to one leaf");
  fields.optional("switch_ports", fabric.switch_ports, "Ports of a leaf, and of the other switches unless told",
                  counted(1, most_ports));
  fields.optional("spine_ports", fabric.spine_ports, "Ports of a spine; 0: as switch_ports", counted(0, most_ports));
  fields.optional("core_ports", fabric.core_ports, "Ports of a core; 0: as switch_ports", counted(0, most_ports));
  fields.optional("nodes_per_leaf_group", fabric.nodes_per_leaf_group,
                  "Nodes that share their leaf switches (a scalable unit); 0: as many as the ports allow",
                  counted(0, most_nodes));
  fields.optional("leaf_groups_per_pod", fabric.leaf_groups_per_pod,
                  "Leaf groups under one set of spines, 3 levels; 0: as many as the ports allow",
                  counted(0, most_nodes));
  fields.optional("spines_per_pod", fabric.spines_per_pod, "0: the fewest over which the uplinks spread evenly",
                  counted(0, most_nodes));
  fields.optional("cores", fabric.cores, "3 levels; 0: the fewest over which the uplinks spread evenly",
                  counted(0, most_nodes));
  fields.optional("leaf_oversubscription", fabric.leaf_oversubscription, "Bandwidth down / bandwidth up of a leaf",
                  oversubscription);
  fields.optional("spine_oversubscription", fabric.spine_oversubscription,
                  "Bandwidth down / bandwidth up of a spine, 3 levels: 7 is \"1:7 between pods\"", oversubscription);
  fields.optional("link", fabric.link, "Bandwidth of one cable, per direction", bandwidth);
  fields.optional("link_latency", fabric.link_latency, "Latency of one cable and one switch", latency);
  fields.optional(
      "routing", fabric.routing,
      "spread: evenly over all shortest paths; ecmp: one path per flow, by hash; destination: one path per "
      "destination (d-mod-k); adaptive: the least loaded shortest way; dimension_order, valiant, ugal: graphs "
      "of switches");
  fields.optional("graph", fabric.graph, "Shape of fabrics other than fat trees");
  fields.optional("transport", fabric.transport, "What carries messages between nodes: decides their latencies");
}

void describe(Fields& fields, SwitchGraphSpecification& graph) {
  fields.optional("dimensions", graph.dimensions,
                  "Switches per dimension (torus, mesh, hyperx), or the prime q of a Slim Fly");
  fields.optional("nodes_per_switch", graph.nodes_per_switch, "Nodes at one switch, or under one set of leaves",
                  counted(1, most_nodes));
  fields.optional("cables", graph.cables, "Parallel cables between neighbours", counted(1, most_ports));
  fields.optional("groups", graph.groups, "Groups of a dragonfly", counted(0, most_ports));
  fields.optional("switches_per_group", graph.switches_per_group, "Switches of a group (dragonfly_plus: leaves)",
                  counted(0, most_ports));
  fields.optional("global_cables", graph.global_cables, "Cables of a switch to other groups", counted(1, most_ports));
  fields.optional("planes", graph.planes, "Planes, one port of every NIC in each", counted(1, 64));
  fields.optional("spines", graph.spines, "Spines of one plane", counted(0, most_ports));
}

void describe(Fields& fields, DegradedLink& link) {
  fields.required("from", link.from, "Vertex at which the direction starts: \"nic 17\", \"leaf 3\"");
  fields.required("to", link.to, "Vertex at which it ends: \"leaf 3\", \"spine 0\"");
  fields.required("factor", link.factor, "What is left of the bandwidth of every cable between them", between(1e-3, 1));
}

void describe(Fields& fields, ClusterSpecification& cluster) {
  fields.optional("name", cluster.name, "What results call this cluster");
  fields.optional("source", cluster.source, "Where the numbers come from");
  fields.optional("gpu", cluster.gpu, "Device name (plenum list gpus)");
  fields.optional("nodes", cluster.nodes, "Number of nodes", counted(1, most_nodes));
  fields.optional("node", cluster.node, "One node: GPUs, NVLink, NICs");
  fields.optional("fabric", cluster.fabric, "The network between nodes");
  fields.optional("degraded_links", cluster.degraded_links, "Links that run below their bandwidth, per direction");
}

std::vector<Problem> check(const ClusterSpecification& cluster) {
  std::vector<Problem> problems;
  if (!fields_in_range(cluster)) return {{"", "a value of the cluster is out of its range"}};
  check_domains(cluster, problems);
  check_nics(cluster, problems);
  check_size(cluster, problems);
  if (problems.empty()) check_shape(cluster, problems);
  if (problems.empty() && !cluster.degraded_links.empty()) check_degraded_links(cluster, problems);
  return problems;
}

}  // namespace plenum::topology
