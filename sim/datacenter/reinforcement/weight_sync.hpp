// How the actor's weights reach the GPUs of the rollout, as flows over the fabric.
#pragma once

#include "sim/datacenter/fabric.hpp"
#include "sim/datacenter/training/training_layout.hpp"

namespace plenum::datacenter {

/// Groups that start at once; each moves shares of `unit`.
struct WeightSync {
  std::vector<std::uint32_t> groups;
  Bytes unit{};
  Bytes slice{};     ///< that a GPU of the rollout writes at last
  double bytes = 0;  ///< over all flows
};

/// Weights travel in 16 bits. Every rank of a pipeline stage holds a copy of its parameters together with the ranks
/// that share them (tensor, expert and fully sharded data parallel). broadcast: colocated, the ranks of a copy gather
/// whole tensors among themselves; else those of the first copy do, and its first rank broadcasts them to the rollout.
/// reshard: each GPU of the rollout gets its slice, evenly from the ranks of one copy; colocated, of its own one.
WeightSync add_weight_sync(const scenario::Bound&, const scenario::BoundReinforcement&, const TrainingLayout& actor,
                           std::uint64_t number, Traffic&);

}  // namespace plenum::datacenter
