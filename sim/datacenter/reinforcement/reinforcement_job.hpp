// A step of reinforcement learning (or preference optimization) in simulated time: an engine generates responses, the
// roles judge them in forward passes, critic and actor are updated, and the engine gets the new weights. Colocated, the
// phases take turns on the same GPUs; one step off, the engine generates the next step's responses meanwhile.
#pragma once

#include <deque>
#include <optional>

#include "sim/datacenter/reinforcement/weight_sync.hpp"
#include "sim/datacenter/serving/deployment.hpp"
#include "sim/datacenter/training/training_job.hpp"

namespace plenum::datacenter {

/// Its part of the cluster's traffic. Roles with a model of their own have ranks of their own on the actor's GPUs.
struct ReinforcementLayout {
  TrainingLayout actor;
  std::optional<TrainingLayout> critic, reward;
  std::optional<WeightSync> sync;
};
ReinforcementLayout lay_out(const scenario::Bound&, const scenario::BoundReinforcement&, std::uint64_t number,
                            Traffic&);

class ReinforcementJob {
 public:
  ReinforcementJob(const scenario::Bound&, const scenario::BoundReinforcement&, ReinforcementLayout, const Traffic&,
                   engine::Engine&, FoldedFabric&, const Options&);

  void begin() { main_ = run(); }
  Advance advance() const;
  /// After the engine has run. Throws SimulationFailed when a phase is not done.
  ReinforcementResult result();

 private:
  /// A forward pass over all samples, or one update.
  struct Pass {
    Phase phase;
    scenario::BoundTraining work;
    std::optional<TrainingJob> job{};
  };

  void add_pass(Phase, const TrainingLayout&, const workload::Transformer&, const workload::TrainingPlan&,
                bool forward_only);
  void add_updates(Phase, const TrainingLayout&, const workload::Transformer&);
  void build_rollout();
  Process run();
  Process generate();
  Process learn();
  Process synchronize();
  Process wait(Phase, Seconds);  ///< nothing for no time
  Process move(std::uint32_t group);
  void record(Phase, Seconds start);
  Seconds now() const { return engine_.now(); }

  const scenario::Bound& bound_;
  const scenario::BoundReinforcement& job_;
  ReinforcementLayout layout_;
  const Traffic& traffic_;
  engine::Engine& engine_;
  FoldedFabric& fabric_;
  const Options& options_;
  std::deque<Pass> passes_;  ///< in their order
  std::optional<Deployment> rollout_;
  Signal generated_;
  workload::RoleMemory memory_;
  ReinforcementResult result_;
  Process main_;
};

}  // namespace plenum::datacenter
