// An execution trace as a job: what another tool recorded or generated, run on this cluster.
#pragma once

#include <cstdint>
#include <string>

#include "sim/core/fields.hpp"
#include "workloads/traces/trace.hpp"

namespace plenum::scenario {

/// Exactly one of `chakra` and `simai` is given; paths start beside the scenario.
struct TraceJob {
  std::string chakra;         ///< prefix of files PREFIX.0.et, PREFIX.1.et, ...
  std::string communicators;  ///< JSON file of Chakra's communicators
  std::string simai;          ///< SimAI workload text
  std::int64_t ranks = 0;     ///< 0: as many as the trace says
  std::int64_t first_node = 0;
};

void describe(Fields&, TraceJob&);

struct BoundTrace {
  std::string name;
  workload::Trace trace;
  std::int64_t first_gpu = 0;
};

}  // namespace plenum::scenario
