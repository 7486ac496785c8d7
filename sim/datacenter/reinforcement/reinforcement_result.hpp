// What a step of reinforcement learning did, before anybody interprets it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calibration/device.hpp"
#include "sim/core/quantity.hpp"
#include "sim/datacenter/serving/serving_result.hpp"
#include "workloads/reinforcement/packing.hpp"

namespace plenum::datacenter {

struct RankClass;  // result.hpp

/// In the words of verl's and NeMo-RL's timers.
enum class Phase : std::uint8_t {
  rollout,              ///< responses are generated
  load,                 ///< states come back from host memory
  reward,               ///< rules, verifiers, environments
  reward_model,         ///< forward pass
  old_log_probs,        ///< forward pass of the actor
  reference_log_probs,  ///< forward pass of the reference
  values,               ///< forward pass of the critic
  critic_update,        ///< training steps, one per mini-batch and epoch
  actor_update,
  weight_sync,  ///< to the engine
  offload       ///< states go to host memory
};
inline constexpr std::size_t phase_count = 11;
inline constexpr std::array<std::string_view, phase_count> phase_names{
    "rollout", "load",          "reward",       "reward_model", "old_log_probs", "reference_log_probs",
    "values",  "critic_update", "actor_update", "weight_sync",  "offload"};

struct PhaseSpan {
  Phase phase = Phase::rollout;
  Seconds start{}, end{};
};

struct ReinforcementResult {
  std::string job;
  Seconds step{};
  std::vector<PhaseSpan> phases;  ///< in the order of their ends; rollouts may overlap with others
  std::optional<ServingResult> rollout;
  workload::Samples samples;                    ///< that are trained on
  std::vector<workload::TrainingPlan> updates;  ///< packed plans of one epoch's mini-batches
  double sync_bytes = 0;                        ///< over all links into GPUs
  std::vector<RankClass> ranks;                 ///< of training: timelines and parts of all phases
  calibration::Footing footing = calibration::Footing::measured;
};

}  // namespace plenum::datacenter
