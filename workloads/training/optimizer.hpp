// What a rank does once per step, after its gradients are complete: norm of gradients, clipping, Adam on its shard of
// the fp32 master weights, and what prepares the next step.
#pragma once

#include <vector>

#include "workloads/operation.hpp"
#include "workloads/training/elements.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// What of a rank is trained, and which layers it holds. `holds_tied_copy`: this stage and another hold one embedding.
struct Trained {
  Elements elements;
  std::vector<LayerCount> layers;
  bool holds_tied_copy = false;
};
Operations optimizer_work(const Transformer&, const TrainingPlan&, const Trained&);

std::int64_t optimizer_group(const TrainingPlan&);     ///< ranks over which gradients are reduced
std::int64_t expert_shard_group(const TrainingPlan&);  ///< the same of routed experts, 1: replicated
/// Elements of sharded states on one rank.
std::int64_t own_shard(const TrainingPlan&, const Elements&);
std::int64_t shard_group(const TrainingPlan&);  ///< ranks that share one copy of sharded states; 1: replicated
Bytes gradient_element(const TrainingPlan&);
Bytes parameter_element(const TrainingPlan&);  ///< when gathered

}  // namespace plenum::workload
