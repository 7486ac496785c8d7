// Members of a group, node by node.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plenum::workload {

/// Members of one node: indices first .. first + count - 1 of the group.
struct Block {
  std::uint32_t first = 0, count = 0;
  std::uint32_t member(std::uint32_t local) const { return first + local % count; }
};

inline std::vector<Block> blocks_of(std::span<const std::uint32_t> node) {
  std::vector<Block> blocks;
  for (std::uint32_t member = 0; member < node.size(); ++member) {
    if (member == 0 || node[member] != node[member - 1]) blocks.push_back({member, 0});
    ++blocks.back().count;
  }
  return blocks;
}

}  // namespace plenum::workload
