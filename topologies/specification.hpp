// What a user writes about a cluster's wiring; generators turn it into a Cluster. Bandwidths are per direction.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/core/collective.hpp"
#include "sim/core/fields.hpp"
#include "topologies/cluster.hpp"

namespace plenum::topology {

/// How the GPUs of a node (or of an NVLink domain) reach each other.
enum class Interconnect : std::uint8_t {
  nvswitch,
  pcie,          ///< through the host alone
  bridged_pairs  ///< GPUs 2k and 2k + 1 by an NVLink bridge, others through the host
};

/// The computer that a node's GPUs sit in: where an optimizer goes that leaves the GPU. Zero: not stated.
struct HostSpecification {
  Bytes memory{};              ///< of the node
  BytesPerSecond bandwidth{};  ///< of that memory, all sockets together
  BytesPerSecond link{};       ///< of one GPU to it, per direction; 0: the node's pcie
};

struct NodeSpecification {
  std::int64_t gpus = 8;
  BytesPerSecond nvlink{450e9};                   ///< per GPU into the NVSwitch domain
  Seconds nvlink_latency = usual_domain_latency;  ///< GPU to GPU
  std::int64_t nvlink_domain_nodes = 1;           ///< nodes that share one NVSwitch domain (GB200 NVL72: 18 trays of 4)
  std::int64_t nics = 8;
  BytesPerSecond nic{50e9};         ///< per NIC
  BytesPerSecond pcie{63e9};        ///< GPU to its NIC
  std::int64_t nvswitch_chips = 4;  ///< for the bill of materials
  Interconnect interconnect = Interconnect::nvswitch;
  HostSpecification host{};
};

enum class FabricKind : std::uint8_t {
  none,
  fat_tree,
  multi_plane,     ///< every NIC has a port into each of several leaf-spine planes (Alibaba HPN 7.0)
  torus,           ///< product of rings
  mesh,            ///< product of lines
  hyperx,          ///< product of fully connected dimensions; one dimension: fully connected
  dragonfly,       ///< groups of fully connected switches
  dragonfly_plus,  ///< groups of leaves and spines
  slim_fly,        ///< McKay-Miller-Siran graphs, diameter 2
  product,         ///< product of rings, lines, fully connected and switched dimensions, each with its own links
  hamming_mesh,    ///< boards that are meshes, their rows and columns joined by switches
  custom           ///< switches and cables listed one by one, as imports write them
};
enum class RoutingKind : std::uint8_t {
  spread,           ///< even spreading over all shortest paths (packet spraying, adaptive routing at its best)
  ecmp,             ///< one path per flow, chosen by a hash of (source, destination, flow label)
  destination,      ///< one path per destination (d-mod-k, InfiniBand's static routing)
  adaptive,         ///< every flow takes the least loaded of the shortest ways, hop by hop
  dimension_order,  ///< torus, mesh, hyperx: the first dimension first
  valiant,          ///< to a switch drawn by hash, from there to the destination
  ugal,             ///< the shortest way or Valiant's, whichever has less load times hops
  ideal,            ///< the most any routing could carry: pooled_switches.hpp
  valiant_packets   ///< every packet to a switch drawn anew, from there to the destination: even_detours.hpp
};

enum class Dimension : std::uint8_t {
  ring,
  line,
  full,     ///< everybody with everybody
  switched  ///< everybody with one switch more
};

/// One dimension of a product. Rates of zero: the fabric's.
struct ProductDimension {
  Dimension kind = Dimension::ring;
  std::int64_t size = 1;
  BytesPerSecond bandwidth{};
  Seconds latency{};
};

/// Cables between two switches of a custom fabric. Rates of zero: the fabric's.
struct CustomCable {
  std::int64_t from = 0, to = 0, count = 1;
  BytesPerSecond bandwidth{};
  Seconds latency{};
};

/// Fabrics that are a graph of switches, see switch_graph.hpp.
struct SwitchGraphSpecification {
  /// torus, mesh, hyperx: switches per dimension; slim_fly: q; hamming_mesh: columns and rows of a board, of the boards
  std::vector<std::int64_t> dimensions;
  std::vector<ProductDimension> product{};
  std::int64_t switches = 0;                 ///< custom
  std::vector<CustomCable> links{};          ///< custom
  std::vector<std::int64_t> nic_switches{};  ///< custom: of every NIC's every port; empty: as nodes_per_switch says
  std::int64_t nodes_per_switch = 1;         ///< multi_plane: nodes under one set of leaves
  std::int64_t cables = 1;                   ///< parallel ones between neighbours
  std::int64_t groups = 0;                   ///< dragonfly, dragonfly_plus
  std::int64_t switches_per_group = 0;       ///< dragonfly; dragonfly_plus: leaves, and as many spines
  std::int64_t global_cables = 1;            ///< per switch to other groups
  std::int64_t planes = 2;                   ///< multi_plane
  std::int64_t spines = 0;                   ///< multi_plane: of one plane
  /// torus: blocks of this shape are wired, optical circuit switches join their faces (TPU v4); empty: no such blocks
  std::vector<std::int64_t> cube{};
  bool twisted = false;   ///< torus of k x k x 2k: the short dimensions' ends meet k further on in the long one
  bool in_nodes = false;  ///< every switch is a part of the node at it: neither it nor the way to it is bought
};

/// A folded Clos of one to three levels. Zero means: derived from the others (whole cables, rounded up, the fewest
/// switches over which the uplinks spread evenly; see fat_tree_shape.hpp).
struct FatTreeSpecification {
  FabricKind kind = FabricKind::fat_tree;
  std::int64_t levels = 0;         ///< switch levels, 1 to 3; 0: as few as hold the nodes
  bool rail_optimized = true;      ///< GPU r of each node to leaf r of its group; else whole nodes to one leaf
  std::int64_t switch_ports = 64;  ///< of a leaf, and of the others unless told
  std::int64_t spine_ports = 0;
  std::int64_t core_ports = 0;
  std::int64_t nodes_per_leaf_group = 0;  ///< a scalable unit: nodes that share their leaf switches
  std::int64_t leaf_groups_per_pod = 0;   ///< 3 levels: groups under one set of spines
  std::int64_t spines_per_pod = 0;
  std::int64_t cores = 0;
  double leaf_oversubscription = 1;   ///< down bandwidth / up bandwidth of a leaf
  double spine_oversubscription = 1;  ///< the same of a spine, 3 levels: "1:7 between pods" is 7
  BytesPerSecond link{50e9};
  Seconds link_latency = usual_cable_latency;  ///< one cable and one switch
  RoutingKind routing = RoutingKind::spread;
  SwitchGraphSpecification graph{};
  Transport transport = Transport::infiniband;  ///< decides latencies and how much of a NIC payload reaches
};

/// Nodes of a mixed cluster that have other GPUs or rates than the others. Empty and zero: as the others.
struct OtherNodes {
  std::int64_t first = 0, count = 1;
  std::string preset;  ///< the cluster whose nodes they are; the fields below start from it
  std::string gpu;
  std::int64_t gpus = 0, nics = 0;  ///< all nodes of a cluster have equally many
  BytesPerSecond nvlink{}, nic{}, pcie{};
};

/// All parallel cables between two vertices, in one direction.
struct DegradedLink {
  std::string from, to;  ///< vertex names: "gpu 17", "nic 17", "leaf 3", "spine 0"
  double factor = 1;     ///< of its bandwidth; 0: broken, traffic takes other ways
};

struct ClusterSpecification {
  std::string name;
  std::string source;            ///< where the numbers come from
  std::string gpu = "H100-SXM";  ///< device catalogue name; not interpreted here
  std::int64_t nodes = 1;
  NodeSpecification node;
  std::vector<OtherNodes> other_nodes;
  FatTreeSpecification fabric;
  std::vector<DegradedLink> degraded_links;
  std::vector<std::string> failed_switches;  ///< vertex names; traffic takes other ways

  bool broken() const;  ///< a switch has failed, or a link entirely
};

std::span<const std::string_view> names_of(FabricKind);
std::span<const std::string_view> names_of(RoutingKind);
std::span<const std::string_view> names_of(Dimension);
std::span<const std::string_view> names_of(Interconnect);
void describe(Fields&, HostSpecification&);
void describe(Fields&, NodeSpecification&);
void describe(Fields&, OtherNodes&);
void describe(Fields&, FatTreeSpecification&);
void describe(Fields&, SwitchGraphSpecification&);
void describe(Fields&, ProductDimension&);
void describe(Fields&, CustomCable&);
void describe(Fields&, DegradedLink&);
void describe(Fields&, ClusterSpecification&);

/// Problems that single fields can't show (ports that don't suffice, more leaf uplinks than spines can take, unknown
/// vertex names): message and the pointer below the cluster ("/fabric/switch_ports").
struct Problem {
  std::string pointer, message;
};
std::vector<Problem> check(const ClusterSpecification&);

/// Precondition: check() found nothing. 131,072 GPUs in well under a second.
Cluster build(const ClusterSpecification&);

/// The committed presets: names, and one by name ("DGX-H100", "DGX-H100-SuperPOD", "Llama3-RoCE", ...), from
/// topologies/catalogue/*.json; a preset leaves `nodes` to the user unless its name fixes it.
std::vector<std::string> preset_names();
/// The preset as written, to be read by describe() after the user's own members were laid over it. Unknown: nothing,
/// and an issue at `where` with a suggestion.
std::optional<json::Value> preset(const std::string& name, const Position& where, const std::string& pointer, Issues&);

}  // namespace plenum::topology
