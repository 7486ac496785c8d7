// What the models of a reinforcement-learning job hold on a GPU, role by role.
#pragma once

#include "workloads/training/memory.hpp"

namespace plenum::workload {

/// What waits in host memory while responses are generated: nothing; optimizer states (gradients are dropped); the
/// parameters of every role as well.
enum class Offload : std::uint8_t { none, optimizer, all };
std::span<const std::string_view> names_of(Offload);

/// Of each role's fullest pipeline stage. Frozen roles have the actor's plan.
struct RoleMemory {
  StageMemory actor{}, critic{};  ///< critic: zeros without
  Bytes reference{}, reward{};    ///< parameters; zeros without

  /// Held while responses are generated, beside the engine.
  Bytes resident(Offload) const;
  /// Most that is held while a role is at work. Engines sleep then: they hold neither weights nor KV cache.
  Bytes training(Offload) const;
  /// To the GPU before and to the host after the roles are at work.
  Bytes loaded(Offload) const;
  Bytes offloaded(Offload) const;
};

struct Roles {
  const Transformer& model;
  const TrainingPlan& plan;
  bool reference = false;
  const Transformer* critic = nullptr;  ///< value models
  const Transformer* reward = nullptr;
};
RoleMemory role_memory(const Roles&);

}  // namespace plenum::workload
