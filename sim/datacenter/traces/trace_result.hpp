// What the run of an execution trace observed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/collective.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::datacenter {

/// Where a rank's time goes; the parts sum to the time of the whole.
struct TraceParts {
  Seconds computation{};
  Seconds communication{};  ///< collectives and messages with no computation beside them
  Seconds host{};           ///< only the CPU works
  Seconds waiting{};        ///< nothing of its own moves: for other ranks, or done before them
};

struct TraceRankClass {
  std::int64_t representative = 0;
  std::int64_t members = 1;
  TraceParts parts{};
  Seconds communication_in_all{};  ///< beside computation or not
};

struct TraceResult {
  std::string job;
  std::int64_t ranks = 0, recorded = 0, tasks = 0;  ///< `tasks`: of all ranks
  Seconds time{};
  std::vector<TraceRankClass> classes;
  bool from_specification = false;  ///< some tasks tell operations only: their times are the device's peaks
};

}  // namespace plenum::datacenter
