// Reinforcement learning of a language model (GRPO, PPO) and preference optimization (DPO), as written: an actor that
// is trained, an engine that generates its responses, and the models that judge them.
#pragma once

#include <optional>
#include <string>

#include "sim/scenario/serving_job.hpp"
#include "workloads/reinforcement/role_memory.hpp"
#include "workloads/reinforcement/samples.hpp"

namespace plenum::scenario {

/// grpo: responses to a prompt are compared with each other (arXiv 2402.03300); ppo: a critic values them (arXiv
/// 1707.06347); dpo: no rollout, pairs of responses are given (arXiv 2305.18290).
enum class Algorithm : std::uint8_t { grpo, ppo, dpo };

/// How an engine gets the actor's new weights. broadcast: whole tensors reach every GPU of the rollout, which takes its
/// part (verl, NeMo-RL, OpenRLHF); reshard: every GPU is sent its part alone.
enum class WeightSync : std::uint8_t { broadcast, reshard };

struct Rollout {
  ServingJob engine;      ///< its own fields; who asks for what, the job says
  std::int64_t gpus = 0;  ///< of its own, the job's last ones; 0: colocated, those of training
  Rollout() { engine.router = RouterKind::round_robin; }  ///< prompts are dealt out before their responses are known
};

/// A model that scores responses, in the actor's plan.
struct ScoringModel {
  std::string model_name;
  std::optional<workload::Transformer> model;
};

struct ReinforcementJob {
  Algorithm algorithm = Algorithm::grpo;
  std::string model_name;
  std::optional<workload::Transformer> model;
  workload::TrainingPlan plan;  ///< global_batch: samples of a mini-batch, between two updates
  workload::SampleSpecification samples;
  std::optional<Rollout> rollout;
  bool reference = true;      ///< log-probabilities of a frozen copy, for the KL term
  bool old_log_probs = true;  ///< the actor's before the update are computed; else the engine's are used
  Seconds reward_time{};      ///< rules, verifiers, environments, after the rollout
  std::optional<ScoringModel> reward_model, critic;
  std::int64_t epochs = 1;  ///< over the samples of a step
  bool one_step_off = false;
  WeightSync weight_sync = WeightSync::broadcast;
  workload::Offload offload = workload::Offload::none;
  std::int64_t first_node = 0;
  std::int64_t gpus = 0;  ///< 0: the rest of the cluster
};

std::span<const std::string_view> names_of(Algorithm);
std::span<const std::string_view> names_of(WeightSync);
void describe(Fields&, Rollout&);
void describe(Fields&, ScoringModel&);
void describe_reinforcement(Fields&, ReinforcementJob&, const Catalogue& models);

struct BoundReinforcement {
  std::string name;
  Algorithm algorithm = Algorithm::grpo;
  workload::Transformer model;
  workload::TrainingPlan plan;  ///< complete; recompute resolved; samples are yet to be packed
  workload::SampleSpecification samples;
  std::optional<BoundServing> rollout;
  bool reference = true, old_log_probs = true;
  Seconds reward_time{};
  std::optional<workload::Transformer> reward_model, critic;  ///< value models
  std::int64_t epochs = 1;
  bool one_step_off = false;
  WeightSync weight_sync = WeightSync::broadcast;
  workload::Offload offload = workload::Offload::none;
  BytesPerSecond host_link{};  ///< between a GPU and its host's memory
  std::int64_t first_gpu = 0;

  bool colocated() const { return rollout && rollout->first_gpu() == first_gpu; }
  std::int64_t gpus() const { return plan.ranks() + (rollout && !colocated() ? rollout->gpus() : 0); }
  std::int64_t updates() const { return epochs * (samples.count() / plan.global_batch); }
  workload::RoleMemory memory(const workload::TrainingPlan& packed) const {
    return workload::role_memory({.model = model,
                                  .plan = packed,
                                  .reference = reference,
                                  .critic = critic ? &*critic : nullptr,
                                  .reward = reward_model ? &*reward_model : nullptr});
  }
};

}  // namespace plenum::scenario
