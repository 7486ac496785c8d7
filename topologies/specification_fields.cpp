// The tables of a cluster's fields.
#include <array>

#include "topologies/limits.hpp"
#include "topologies/specification.hpp"

namespace plenum::topology {
namespace {

constexpr std::array<std::string_view, 12> fabric_names{"none",     "fat_tree", "multi_plane",  "torus",
                                                        "mesh",     "hyperx",   "dragonfly",    "dragonfly_plus",
                                                        "slim_fly", "product",  "hamming_mesh", "custom"};
constexpr std::array<std::string_view, 3> interconnect_names{"nvswitch", "pcie", "bridged_pairs"};
constexpr std::array<std::string_view, 4> dimension_names{"ring", "line", "full", "switch"};
constexpr std::array<std::string_view, 9> routing_names{
    "spread", "ecmp", "destination", "adaptive", "dimension_order", "valiant", "ugal", "ideal", "valiant_packets"};

}  // namespace

std::span<const std::string_view> names_of(FabricKind) { return fabric_names; }
std::span<const std::string_view> names_of(RoutingKind) { return routing_names; }
std::span<const std::string_view> names_of(Interconnect) { return interconnect_names; }
std::span<const std::string_view> names_of(Dimension) { return dimension_names; }

void describe(Fields& fields, HostSpecification& host) {
  fields.optional("memory", host.memory, "Memory of the node's host; 0: not stated", host_memory);
  fields.optional("bandwidth", host.bandwidth, "Of that memory, all sockets together; 0: not stated", link_rate);
  fields.optional("link", host.link, "Bandwidth between a GPU and that memory, per direction; 0: as pcie", link_rate);
}

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
                  "NVSwitch chips per NVSwitch domain, for the bill of materials; 0: not stated",
                  counted(0, most_ports));
  fields.optional("interconnect", node.interconnect,
                  "nvswitch; pcie: GPUs of a node meet in the host; bridged_pairs: so, but 2k and 2k + 1 by NVLink");
  fields.optional("host", node.host,
                  "The computer that the GPUs sit in, for optimizers and activations that are offloaded to it");
}

void describe(Fields& fields, OtherNodes& nodes) {
  fields.required("first", nodes.first, "First of them, from 0", counted(0, most_nodes));
  fields.optional("count", nodes.count, "How many, in a row", counted(1, most_nodes));
  fields.optional("preset", nodes.preset, "Committed cluster whose nodes they are; the other members override it");
  fields.optional("gpu", nodes.gpu, "Device name; empty: the cluster's (plenum list gpus)");
  fields.optional("gpus", nodes.gpus, "GPUs of one of them, as many as in node; 0: so", counted(0, most_per_node));
  fields.optional("nics", nodes.nics, "NICs of one of them, as many as in node; 0: so", counted(0, most_per_node));
  fields.optional("nvlink", nodes.nvlink, "As in node; 0: the same", link_rate);
  fields.optional("nic", nodes.nic, "As in node; 0: the same", link_rate);
  fields.optional("pcie", nodes.pcie, "As in node; 0: the same", link_rate);
}

void describe(Fields& fields, FatTreeSpecification& fabric) {
  fields.optional(
      "kind", fabric.kind,
      "none: a single node or NVLink domain; fat_tree: a folded Clos; multi_plane: leaf-spine planes, a NIC port in "
      "each; torus, mesh, hyperx, dragonfly, dragonfly_plus, slim_fly, hamming_mesh: graphs of like switches; product: "
      "of rings, lines, full and switched dimensions; custom: every cable listed");
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
      "of switches; also these: ideal, the most that any routing could carry; valiant_packets, every packet by a "
      "switch drawn anew");
  fields.optional("graph", fabric.graph, "Shape of fabrics other than fat trees");
  fields.optional("transport", fabric.transport, "What carries messages between nodes: decides their latencies");
}

void describe(Fields& fields, SwitchGraphSpecification& graph) {
  fields.optional("dimensions", graph.dimensions,
                  "Switches per dimension (torus, mesh, hyperx), the prime q of a Slim Fly, or columns and rows of a "
                  "board and columns and rows of boards (hamming_mesh)");
  fields.optional("product", graph.product, "Dimensions of a product, the first runs fastest");
  fields.optional("switches", graph.switches, "Switches of a custom fabric", counted(0, most_switches));
  fields.optional("links", graph.links, "Cables between switches of a custom fabric");
  fields.optional(
      "nic_switches", graph.nic_switches,
      "Switch at every port of every NIC of a custom fabric, node by node; empty: as nodes_per_switch says");
  fields.optional("nodes_per_switch", graph.nodes_per_switch, "Nodes at one switch, or under one set of leaves",
                  counted(1, most_nodes));
  fields.optional("cables", graph.cables, "Parallel cables between neighbours", counted(1, most_ports));
  fields.optional("groups", graph.groups, "Groups of a dragonfly", counted(0, most_ports));
  fields.optional("switches_per_group", graph.switches_per_group, "Switches of a group (dragonfly_plus: leaves)",
                  counted(0, most_ports));
  fields.optional("global_cables", graph.global_cables, "Cables of a switch to other groups", counted(1, most_ports));
  fields.optional("planes", graph.planes, "Planes, one port of every NIC in each", counted(1, 64));
  fields.optional("spines", graph.spines, "Spines of one plane", counted(0, most_ports));
  fields.optional("cube", graph.cube,
                  "Torus: shape of the blocks that are wired, [4, 4, 4] in TPU v4; optical circuit switches join their "
                  "faces. Empty: all is wired");
  fields.optional("twisted", graph.twisted,
                  "Torus of k x k x 2k: the ends of the short dimensions meet k further on in the long one");
  fields.optional("in_nodes", graph.in_nodes,
                  "Each switch is a part of the node at it, as in a TPU: neither it nor the way to it is bought");
}

void describe(Fields& fields, ProductDimension& dimension) {
  fields.required("kind", dimension.kind, "ring, line, full (each with each), switch (all at one more switch)");
  fields.required("size", dimension.size, "Switches in this dimension", counted(1, most_switches));
  fields.optional("bandwidth", dimension.bandwidth, "Of one cable, per direction; 0: as link", link_rate);
  fields.optional("latency", dimension.latency, "Of one cable and one switch; 0: as link_latency", latency);
}

void describe(Fields& fields, CustomCable& cable) {
  fields.required("from", cable.from, "Switch, from 0", counted(0, most_switches));
  fields.required("to", cable.to, "Another switch", counted(0, most_switches));
  fields.optional("count", cable.count, "Parallel cables", counted(1, most_ports));
  fields.optional("bandwidth", cable.bandwidth, "Of one cable, per direction; 0: as link", link_rate);
  fields.optional("latency", cable.latency, "Of one cable and one switch; 0: as link_latency", latency);
}

void describe(Fields& fields, DegradedLink& link) {
  fields.required("from", link.from, "Vertex at which the direction starts: \"nic 17\", \"leaf 3\"");
  fields.required("to", link.to, "Vertex at which it ends: \"leaf 3\", \"spine 0\"");
  fields.required("factor", link.factor,
                  "What is left of the bandwidth of every cable between them; 0: broken, traffic takes other ways",
                  between(0, 1));
}

void describe(Fields& fields, ClusterSpecification& cluster) {
  fields.optional("name", cluster.name, "What results call this cluster");
  fields.optional("source", cluster.source, "Where the numbers come from");
  fields.optional("gpu", cluster.gpu, "Device name (plenum list gpus)");
  fields.optional("nodes", cluster.nodes, "Number of nodes", counted(1, most_nodes));
  fields.optional("node", cluster.node, "One node: GPUs, NVLink, NICs");
  fields.optional("other_nodes", cluster.other_nodes, "Nodes of a mixed cluster that have other GPUs or rates");
  fields.optional("fabric", cluster.fabric, "The network between nodes");
  fields.optional("degraded_links", cluster.degraded_links, "Links that run below their bandwidth, per direction");
  fields.optional("failed_switches", cluster.failed_switches, "Switches that are down: \"leaf 3\", \"spine 0\"");
}

}  // namespace plenum::topology
