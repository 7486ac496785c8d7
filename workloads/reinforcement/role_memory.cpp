#include "workloads/reinforcement/role_memory.hpp"

#include <algorithm>
#include <array>

#include "workloads/training/optimizer.hpp"

namespace plenum::workload {
namespace {

StageMemory fullest(const Transformer& model, const TrainingPlan& plan) {
  const auto stages = peak_memory(model, plan);
  return *std::ranges::max_element(stages, {}, &StageMemory::total);
}

/// Parameters in 16 bits; fully sharded ones are gathered where the actor's are.
Bytes frozen(const Transformer& model, const TrainingPlan& plan) {
  if (plan.sharding != Sharding::parameters) return fullest(model, plan).parameters;
  return Bytes(2 * model.parameters() / (plan.tensor_parallel * plan.pipeline_parallel * shard_group(plan)));
}

Bytes states(const StageMemory& memory, Offload offload) {
  if (offload == Offload::all) return {};
  const Bytes trained = memory.gradients + memory.optimizer;
  return memory.parameters + (offload == Offload::none ? trained : Bytes{});
}

}  // namespace

std::span<const std::string_view> names_of(Offload) {
  static constexpr std::array<std::string_view, 3> names{"none", "optimizer", "all"};
  return names;
}

Bytes RoleMemory::resident(Offload offload) const {
  const Bytes frozen = offload == Offload::all ? Bytes{} : reference + reward;
  return states(actor, offload) + states(critic, offload) + frozen;
}

/// What is loaded, is loaded for all roles at once, unless parameters wait in host memory, too.
Bytes RoleMemory::training(Offload offload) const {
  if (offload == Offload::all) return std::max({actor.total(), critic.total(), reference, reward});
  const Bytes frozen = reference + reward;
  return frozen +
         std::max(actor.total() + states(critic, Offload::none), critic.total() + states(actor, Offload::none));
}

Bytes RoleMemory::loaded(Offload offload) const {
  const Bytes frozen = offload == Offload::all ? reference + reward : Bytes{};
  return offloaded(offload) + frozen;
}

Bytes RoleMemory::offloaded(Offload offload) const {
  if (offload == Offload::none) return {};
  const Bytes parameters = offload == Offload::all ? actor.parameters + critic.parameters : Bytes{};
  return parameters + actor.optimizer + critic.optimizer;
}

RoleMemory role_memory(const Roles& roles) {
  RoleMemory memory{.actor = fullest(roles.model, roles.plan)};
  if (roles.reference) memory.reference = frozen(roles.model, roles.plan);
  if (roles.critic) memory.critic = fullest(*roles.critic, roles.plan);
  if (roles.reward) memory.reward = frozen(*roles.reward, roles.plan);
  return memory;
}

}  // namespace plenum::workload
