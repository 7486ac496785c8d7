// Who sends how much to whom in a collective, without hardware. Byte counts are exact fractions of the buffer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/collective.hpp"
#include "workloads/operation.hpp"

namespace plenum::workload {

/// A flow between two members (indices into the group) that carries `share` of the collective's buffer in total.
struct PatternFlow {
  std::uint32_t source = 0, destination = 0;
  double share = 0;
};

struct Pattern {
  std::vector<PatternFlow> flows;     ///< one fluid phase: all at once, the collective ends with the last
  std::int64_t steps = 0;             ///< dependent hops, for latency: ring all-reduce 2(n-1)
  std::int64_t inter_node_steps = 0;  ///< those of them that leave a node
  /// Every flow proceeds at its own rate (all_to_all). Else flows hand on what they receive, chunk by chunk, so that
  /// those that carry equally much all move at the rate of the slowest.
  bool independent = false;
};

/// Ring over the members in the order given; `node[i]` is the node of member i. With several members on a node and
/// several nodes, one ring per local member (NCCL's channels): each ring leaves a node through a different member, so
/// that all NICs carry equal parts. all_reduce moves 2(n-1)/n of the buffer over each hop, all_gather and
/// reduce_scatter (n-1)/n. Members of one node must stand together; nodes with unequal counts use as many rings as the
/// smallest has members.
Pattern ring(CollectiveKind, std::span<const std::uint32_t> node);

/// Any algorithm. Preconditions: as ring(); the algorithm carries the operation; the first member is the
/// root of broadcast and reduce.
Pattern pattern_of(CollectiveKind, CollectiveAlgorithm, std::span<const std::uint32_t> node);

/// all_to_all in which member i sends weights[i * n + j] times the balanced share (1/n) of its buffer to member j.
Pattern skewed_all_to_all(std::span<const double> weights, std::span<const std::uint32_t> node);

}  // namespace plenum::workload
