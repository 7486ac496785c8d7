// One layer as operations of one rank, for one micro-batch. The list follows Megatron-Core's kernels.
#pragma once

#include "workloads/operation.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

Operations layer_forward(const Transformer&, const TrainingPlan&, const LayerKind& = {});

/// Gradients of inputs and weights, preceded by whatever the plan computes again.
Operations layer_backward(const Transformer&, const TrainingPlan&, const LayerKind& = {});

}  // namespace plenum::workload
