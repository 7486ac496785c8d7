// Exact folding. An AI data center is symmetric by design: instead of simulating every member of a symmetric set, one
// representative is simulated. Take the graph of everything that progresses or limits progress (ranks, groups, strands,
// channels), colour its nodes by what they are, and refine the colours until they are equitable: every node of one colour
// has the same multiset of (edge label, colour of the neighbour). Max-min sharing is unique and looks only at those
// numbers, so all nodes of a colour behave identically for ever, and one representative per class, on one channel per
// class that it loads n(L,A) = |A| s(A,L) / |L| times, gives the same completion times as the whole
// (1-dimensional Weisfeiler-Leman refinement; equitable partitions: Godsil & Royle, Algebraic Graph Theory, 9.3).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plenum::engine {

/// Undirected labelled graph in the order edges were added. Node numbers are the caller's, 0 .. nodes-1.
struct SymmetryGraph {
  std::vector<std::uint64_t> kind;  ///< initial colour per node: equal numbers may be folded together
  struct Edge {
    std::uint32_t from, to;
    std::uint32_t label;  ///< role and share; `from` and `to` see it differently (direction counts)
  };
  std::vector<Edge> edges;
};

struct Classes {
  std::vector<std::uint32_t> of;              ///< class of each node, numbered by first appearance
  std::vector<std::uint32_t> representative;  ///< first node of each class
  std::vector<std::uint32_t> size;            ///< members of each class
  std::uint32_t rounds = 0;
};

/// Coarsest equitable partition that respects `kind`. O(rounds x edges); signatures are 128 bits wide.
Classes fold(const SymmetryGraph&);

/// Every node a class of its own: the unfolded simulation, through the same code.
Classes identity(std::size_t nodes);

}  // namespace plenum::engine
