// What a step of reinforcement learning means: time by phase, idle GPUs, tokens per second, memory by role, energy and
// money. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "analysis/metrics.hpp"

namespace plenum::analysis {

/// The times of a phase's spans, in the order of their first starts.
struct PhaseTime {
  datacenter::Phase phase = datacenter::Phase::rollout;
  Seconds time{};
  std::size_t spans = 0;
};

/// Memory of a GPU, by role; zeros where a role is missing.
struct ReinforcementMemory {
  workload::RoleMemory roles;   ///< at the fullest mini-batch
  Bytes weights{}, kv_cache{};  ///< of the rollout
  Bytes training{};             ///< most while roles are at work
  Bytes generating{};           ///< engine, its reserve, and what stays beside it
  Bytes capacity{};
  std::vector<std::string> ways_to_fit;  ///< empty when training fits
};

struct ReinforcementMetrics {
  std::string job;
  Seconds step{};
  std::vector<PhaseTime> phases;
  std::int64_t gpus = 0, training_gpus = 0, rollout_gpus = 0;
  std::size_t samples = 0;
  double tokens = 0;  ///< of a step, prompts and responses
  double mean_prompt = 0, mean_response = 0, longest_response = 0;
  double tokens_per_second_per_gpu = 0;            ///< over all GPUs of the job and the whole step
  double generated_tokens_per_second_per_gpu = 0;  ///< of the rollout, on its GPUs
  double idle = 0;                                 ///< part of the step's GPU time in which a GPU has nothing to do
  double rollout_idle = 0;   ///< the same of the rollout's own: replicas that are done wait for the slowest
  double tail = 0;           ///< part of the rollout that its last tenth of the responses takes
  double micro_batches = 0;  ///< of a mini-batch, mean
  double update_mfu = 0;     ///< of the actor's updates, against the dense peak
  double sync_bytes = 0;     ///< that GPUs are sent
  ReinforcementMemory memory;
  Watts power{};  ///< of the job's nodes, with cooling
  Joules energy_per_step{};
  std::vector<Cost> costs;
  calibration::Footing footing = calibration::Footing::measured;

  Seconds time_of(datacenter::Phase) const;  ///< zero without
};

ReinforcementMetrics measure(const scenario::Bound&, const scenario::BoundReinforcement&,
                             const datacenter::ReinforcementResult&);

}  // namespace plenum::analysis
