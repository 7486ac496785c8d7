// Valiant's routing packet by packet: every packet goes to a switch drawn anew, from there to its destination, both
// times over all shortest ways in equal parts. Whatever is sent by all switches alike then loads the cables like even
// traffic between all of them does, twice: L. Valiant, "A scheme for fast parallel communication" (1982).
#pragma once

#include <vector>

#include "topologies/routing.hpp"

namespace plenum::topology {

struct EvenDetours {
  std::int64_t hops = 1;             ///< cables of a way on average, rounded
  BytesPerSecond all{};              ///< what all switches together can send, each as much as any other
  std::vector<BytesPerSecond> from;  ///< what a switch can send by itself; it receives as much
};

/// Switches are numbered from the first leaf on; those with NICs are where packets start, turn and end.
/// O(switches x cables): 1 s for the 1,682 switches of a Slim Fly of 16,384 GPUs.
EvenDetours even_detours(const Cluster&);

}  // namespace plenum::topology
