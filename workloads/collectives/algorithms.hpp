// One function per algorithm; pattern_of() in collective_pattern.hpp picks.
#pragma once

#include "workloads/collective_pattern.hpp"

namespace plenum::workload {

/// Double binary tree over nodes, rail by rail, and chains inside nodes that start at every member in turn.
Pattern tree(CollectiveKind, std::span<const std::uint32_t> node);
/// The switch adds and multicasts: every member sends its buffer once and the sum of its part, receives as much.
/// Gathers use one direction for the whole buffer, scatters the other; both are booked as full.
Pattern nvls(CollectiveKind, std::span<const std::uint32_t> node);
/// nvls() inside nodes, the double binary tree between them.
Pattern nvls_tree(std::span<const std::uint32_t> node);
/// all_to_all, all_gather, reduce_scatter: every pair its part; send_receive: the whole buffer from the first to the
/// second member.
Pattern direct(CollectiveKind, std::span<const std::uint32_t> node);
/// NCCL's PAT: recursive distances 1, 2, 4 ..., going round.
Pattern logarithmic(std::span<const std::uint32_t> node);
/// An all_reduce as a reduce_scatter with halved and an all_gather with doubled parts, over the largest 2^k members. Of
/// the others each hands its buffer to the member before it first and gets the sum back last (R. Rabenseifner,
/// "Optimization of Collective Reduction Operations", ICCS 2004).
Pattern halving_doubling(std::span<const std::uint32_t> node);
/// Rings inside nodes, rings of equal local members between nodes with the part that is theirs.
Pattern hierarchical(CollectiveKind, std::span<const std::uint32_t> node);
/// The network's switches add (NCCL's CollNetDirect over InfiniBand SHARP): inside nodes every pair exchanges its part
/// of what the other sums up and of what it gets back; every sum goes once up the tree of switches, the total once
/// down. Such a tree is crossed as by a ring over its leaves from left to right: every cable once in either direction.
Pattern collnet(std::span<const std::uint32_t> node);
/// Chain from the first member through all others (broadcast), or back (reduce).
Pattern chain(CollectiveKind, std::span<const std::uint32_t> node);

/// Parent of `rank` in the first or the second tree of NCCL's double binary tree over n ranks (src/graph/trees.cc):
/// inner ranks of one are leaves of the other. -1: the root.
std::int64_t tree_parent(std::int64_t n, std::int64_t rank, bool second);

}  // namespace plenum::workload
