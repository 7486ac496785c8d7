// Exchanges between all pairs, whose flows are too many to be kept: 268 million among 16,384 members.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "workloads/collective_pattern.hpp"

namespace plenum::workload {

/// Flows that carry the same share of the buffer, told one after the other.
struct EqualFlows {
  using Visit = std::function<void(std::uint32_t source, std::uint32_t destination)>;
  double share = 0;
  std::int64_t count = 0;
  std::function<void(const Visit&)> each;
};

/// A balanced all_to_all over n members: every pair its n-th part, nearest members first.
EqualFlows all_pairs(std::uint32_t n);

/// Keeps them.
void append(const EqualFlows&, std::vector<PatternFlow>&);

}  // namespace plenum::workload
