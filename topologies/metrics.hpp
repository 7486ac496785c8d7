// What a fabric is worth as a graph: distances, bisection, what single failures cost, and bounds on collectives.
#pragma once

#include <string>
#include <vector>

#include "topologies/cluster.hpp"
#include "topologies/specification.hpp"

namespace plenum::topology {

/// A failure and the bisection that is left.
struct Failure {
  std::string what;        ///< "spine 0", "leaf 0 - spine 0", "nic 0 - leaf 0"
  std::int64_t alike = 1;  ///< switches or cables of its kind that were found to cost as much, itself included
  BytesPerSecond bisection{};
  std::int64_t nics = 0;  ///< that have no switch any more; GPUs then send by a neighbour's, where they have one
  bool cuts_off = false;  ///< some GPUs reach others no more
};

struct FabricMetrics {
  std::int64_t switches = 0, switch_cables = 0, nic_cables = 0;  ///< without those that are parts of nodes
  std::int64_t diameter = 0;                                     ///< switches on the longest shortest way between NICs
  double average_distance = 0;  ///< the same on average, over a sample of up to 64 switches
  BytesPerSecond injection{};   ///< of all NICs into switches
  BytesPerSecond
      bisection{};            ///< max-flow between halves of the nodes: by number or, of grids, by the worst coordinate
  double path_diversity = 0;  ///< cables that have to be cut between the first switch with NICs and the last it reaches
  bool one_domain = false;    ///< all GPUs share one NVLink domain or host: no collective needs the fabric
  /// Bounds of bus bandwidth per GPU between domains: what NICs inject, and for all-to-all what the bisection carries
  /// (half of all bytes cross it). Zero where GPUs are not connected, or of one domain.
  BytesPerSecond all_reduce_bound{}, all_to_all_bound{};
  std::int64_t articulations = 0;       ///< switches without which other switches with NICs are cut off
  std::vector<Failure> failures;        ///< one per kind of switch or cable and what it costs, worst first
  std::int64_t failures_not_tried = 0;  ///< switches and cables in other surroundings than those tried
};

FabricMetrics analyze(const Cluster&, const ClusterSpecification&);

}  // namespace plenum::topology
