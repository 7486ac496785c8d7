// What a training run does beside its steps: it starts, saves itself, checks itself, fails and begins again.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/core/fields.hpp"

namespace plenum::scenario {

struct Checkpoints {
  std::int64_t every = 0;     ///< steps
  bool asynchronous = false;  ///< steps go on when the host has a copy; else when storage has it
  BytesPerSecond per_node{};  ///< to storage
  BytesPerSecond storage{};   ///< of all nodes together; zero: no limit
};
struct Validation {
  std::int64_t every = 0;  ///< steps
  std::int64_t steps = 0;  ///< forward passes of a whole batch, each time
};
struct TrainingRun {
  Seconds start_up{};  ///< until the first step, also after a failure
  std::optional<Checkpoints> checkpoints;
  std::optional<Validation> validation;
  Seconds load_batch{};             ///< that the loader takes for one step's batch, beside the step before
  Seconds time_between_failures{};  ///< of one GPU with what belongs to it, mean; zero: none fails
};

void describe(Fields&, Checkpoints&);
void describe(Fields&, Validation&);
void describe(Fields&, TrainingRun&);

}  // namespace plenum::scenario
