#include "workloads/training/offload.hpp"

#include <cmath>

#include "workloads/training/optimizer.hpp"

namespace plenum::workload {

std::int64_t offloaded(const TrainingPlan& plan, std::int64_t own) {
  return std::llround(plan.optimizer_offload * static_cast<double>(own));
}

bool offloads_shards(const TrainingPlan& plan) {
  return plan.optimizer_offload > 0 && plan.sharding >= Sharding::gradients && optimizer_group(plan) > 1;
}

/// Adam reads and writes master weight and both moments in fp32 and reads the gradient. It writes the copy in 16 bits
/// that goes up, where one does; else it reads the gradient twice more and writes it, for its norm and clipping.
HostUpdate host_update(const TrainingPlan& plan, const Elements& trained) {
  const std::int64_t held = offloaded(plan, own_shard(plan, trained));
  const Bytes gradient = gradient_element(plan) * held;
  const Bytes states(2 * (4 + 4 + 4) * held), narrow(2 * held);
  if (offloads_shards(plan)) return {.down = {}, .touched = states + gradient * 4, .up = {}};
  return {.down = gradient, .touched = states + gradient + narrow, .up = narrow};
}

Bytes shard_up(const TrainingPlan& plan, const Elements& trained) {
  return offloads_shards(plan) ? Bytes(4 * offloaded(plan, own_shard(plan, trained))) : Bytes();
}

Bytes shard_down(const TrainingPlan& plan, const Elements& trained) {
  return offloads_shards(plan) ? gradient_element(plan) * offloaded(plan, own_shard(plan, trained)) : Bytes();
}

}  // namespace plenum::workload
