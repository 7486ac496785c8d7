// Fabrics that are a graph of like switches: who is cabled to whom, and which switches a NIC is plugged into. One
// generator per fabric; a new one is a function in a source pair and a line in switch_graph.cpp.
#pragma once

#include <optional>
#include <vector>

#include "topologies/specification.hpp"

namespace plenum::topology {

struct SwitchGraph {
  std::int64_t leaves = 0, spines = 0;  ///< switches with NICs, then those without; numbered in this order
  struct Cable {
    std::int64_t a = 0, b = 0;   ///< switches
    std::int64_t count = 1;      ///< in parallel
    BytesPerSecond bandwidth{};  ///< of each; zero: the fabric's
    Seconds latency{};
  };
  std::vector<Cable> cables{};
  std::int64_t planes = 1;                    ///< ports of a NIC
  std::vector<std::int64_t> switch_of_nic{};  ///< [nic * planes + plane]

  std::int64_t switches() const { return leaves + spines; }
};

constexpr bool is_switch_graph(FabricKind kind) { return kind > FabricKind::fat_tree; }

/// Why there is no such fabric; nothing when there is. Precondition: the fields' ranges hold.
std::optional<Problem> switch_graph_problem(const ClusterSpecification&);

/// Empty for other kinds. Precondition: switch_graph_problem() found nothing.
SwitchGraph switch_graph(const ClusterSpecification&);

// Generators: switches and cables alone, without NICs.
/// Product of graphs: switches differ in one coordinate where they are neighbours. The first dimension runs fastest.
/// The switches that switched dimensions add are numbered behind all others.
SwitchGraph product(const std::vector<ProductDimension>&, std::int64_t cables);
SwitchGraph product(const std::vector<std::int64_t>& sizes, Dimension, std::int64_t cables);
/// k x k x 2k (in any order of the dimensions) as a ring product whose two short dimensions close k further on in the
/// long one: the prismatic doubly twisted torus of J. Camara et al., "Twisted torus topologies for enhanced
/// interconnection networks" (2010), which TPU v4 slices can be (N. Jouppi et al., ISCA 2023).
SwitchGraph twisted_torus(const std::vector<std::int64_t>& sizes, std::int64_t cables);
bool has_twisted_torus(std::vector<std::int64_t> sizes);
/// Boards of `a` x `b` places, a mesh each, in X columns and Y rows; a switch for every row and every column of places
/// joins the outer places of all its boards, or, where these have more cables than it has ports, two levels of such
/// switches with as many cables up as down: T. Hoefler et al., "HammingMesh" (SC 2022). dimensions: a, b, X, Y.
SwitchGraph hamming_mesh(const std::vector<std::int64_t>& dimensions, std::int64_t cables, std::int64_t ports);
/// Switches that join one row of `boards`, each with 2 x `cables` in it: one, or leaves and spines, without a blocking.
struct RowSwitches {
  std::int64_t leaves = 1, spines = 0;
  std::int64_t boards_per_leaf = 1;
  std::int64_t cables_between = 0;  ///< of every leaf and every spine
};
/// Nothing when two levels don't do.
std::optional<RowSwitches> row_switches(std::int64_t boards, std::int64_t cables, std::int64_t ports);
/// Groups of `a` switches, all cabled to each other; `h` cables of every switch to other groups, each pair of groups
/// joined equally often: J. Kim et al., "Technology-driven, highly-scalable dragonfly topology" (2008).
SwitchGraph dragonfly(std::int64_t groups, std::int64_t a, std::int64_t h, std::int64_t cables);
/// Groups of `a` leaves and `a` spines, cabled all to all; global cables at the spines: A. Shpiner et al., "Dragonfly+"
/// (2017).
SwitchGraph dragonfly_plus(std::int64_t groups, std::int64_t a, std::int64_t h, std::int64_t cables);
/// M. Besta and T. Hoefler, "Slim Fly" (2014): 2 q^2 switches of (3 q - 1)/2 cables. q: a prime with q mod 4 = 1.
SwitchGraph slim_fly(std::int64_t q, std::int64_t cables);
bool has_slim_fly(std::int64_t q);
/// Per plane `segments` x `rails` leaves, each cabled to all of the plane's spines.
SwitchGraph planes(std::int64_t planes, std::int64_t segments, std::int64_t rails, std::int64_t spines,
                   std::int64_t cables);

/// Order of a switch's edges: its NICs, then cables in the order of SwitchGraph::cables.
void wire_switch_graph(const ClusterSpecification&, const SwitchGraph&, const VertexNumbers&, Wiring&);

/// Vertex of a switch.
VertexId vertex_of_switch(const VertexNumbers&, std::int64_t number);

}  // namespace plenum::topology
