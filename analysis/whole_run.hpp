// A training run from start to end: steps, and what happens beside them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

struct WholeRun {
  double steps = 0;
  Seconds training{}, start_up{}, checkpoints{}, validation{}, data{};
  Seconds failures{};        ///< lost work, restarts and reading the last checkpoint
  double failure_count = 0;  ///< expected
  Seconds total{};           ///< infinite when failures come faster than the run gets on
  double goodput = 0;        ///< training / total
  Bytes checkpoint{};        ///< of all ranks together
  Seconds write{}, stall{};  ///< of one checkpoint: until it is stored, and as long as no step runs
};

/// Nothing for a job that names no run, or no tokens.
std::optional<WholeRun> whole_run(const scenario::Bound&, const scenario::BoundTraining&, Seconds step);

std::string to_text(const WholeRun&);
nlohmann::ordered_json to_json(const WholeRun&);

}  // namespace plenum::analysis
