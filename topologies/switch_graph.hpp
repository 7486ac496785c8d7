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
/// Boards of `a` x `b` places, a mesh each, in X columns and Y rows; one switch for every row and every column of
/// places joins the outer places of all its boards: T. Hoefler et al., "HammingMesh" (SC 2022), with one switch where
/// they stack several into a tree. dimensions: a, b, X, Y.
SwitchGraph hamming_mesh(const std::vector<std::int64_t>& dimensions, std::int64_t cables);
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
