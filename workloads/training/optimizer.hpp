// What a rank does once per step, after its gradients are complete: norm of gradients, clipping, Adam on its shard of
// the fp32 master weights, and what prepares the next step.
#pragma once

#include "workloads/operation.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// `parameters` and `layers`: of all chunks of the rank. `holds_tied_copy`: this stage and another hold one embedding.
Operations optimizer_work(const Transformer&, const TrainingPlan&, std::int64_t parameters, std::int64_t layers,
                          bool holds_tied_copy);

std::int64_t optimizer_group(const TrainingPlan&);  ///< ranks over which gradients are reduced
std::int64_t shard_group(const TrainingPlan&);      ///< ranks that share one copy of sharded states; 1: replicated
Bytes gradient_element(const TrainingPlan&);
Bytes parameter_element(const TrainingPlan&);  ///< when gathered

}  // namespace plenum::workload
