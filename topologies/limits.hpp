// What fields may hold.
#pragma once

#include <cstdint>

#include "sim/core/fields.hpp"

namespace plenum::topology {

// Bounds keep products of counts within 64 bits and rates within what simulated time resolves.
inline constexpr std::int64_t most_nodes = 1 << 20, most_ports = 1 << 16, most_per_node = 1 << 10;
inline constexpr std::int64_t most_switches = 1 << 18, most_gpus = 1 << 20, most_cables = 1 << 24;
inline constexpr double most_oversubscription = 1000;
constexpr Range counted(std::int64_t low, std::int64_t high) {
  return between(static_cast<double>(low), static_cast<double>(high));
}
inline constexpr Range bandwidth = between(1e6, 1e15);  // bytes per second
inline constexpr Range link_rate = between(0, 1e15);    // the same, 0: not stated
inline constexpr Range host_memory = between(0, 1e15);  // bytes, 0: not stated
inline constexpr Range latency = between(0, 1);         // seconds
inline constexpr Range oversubscription = between(1 / most_oversubscription, most_oversubscription);

}  // namespace plenum::topology
