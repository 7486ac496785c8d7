// What an engine puts into a step: one policy per file, chosen by the engine's profile.
#pragma once

#include <memory>

#include "sim/datacenter/serving/sequence.hpp"

namespace plenum::datacenter {

class BatchScheduler {
 public:
  virtual ~BatchScheduler() = default;
  /// The rank's next step, with blocks taken for all its tokens; admits waiting sequences, and preempts running ones
  /// where blocks run out (they lose their blocks and read everything again). Empty when there is nothing to do.
  virtual void plan(RankState&, RankStep&) const = 0;
  /// The sequence at the head of the queue could be admitted now.
  virtual bool admits(const RankState&) const = 0;
};

/// What a deployment adds to its engine.
struct ScheduleOptions {
  std::int32_t drafted = 0;           ///< tokens that every decode computes beyond the next one
  bool swap = false;                  ///< preempted sequences keep what they computed, in host memory
  std::int64_t resident_adapters = 0;
};

std::unique_ptr<BatchScheduler> make_scheduler(const workload::EngineProfile&, ScheduleOptions = {});

}  // namespace plenum::datacenter
