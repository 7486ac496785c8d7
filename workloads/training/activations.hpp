// Bytes that one rank keeps between a micro-batch's forward and backward pass.
#pragma once

#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// One layer with the plan's recomputation, and without any: what the backward pass of a layer works with.
Bytes layer_activations(const Transformer&, const TrainingPlan&, const LayerKind&);
Bytes whole_layer_activations(const Transformer&, const TrainingPlan&, const LayerKind&);

Bytes embedding_activations(const Transformer&, const TrainingPlan&);
Bytes head_activations(const Transformer&, const TrainingPlan&);
/// Of the logits, in 16 bits: one micro-batch at a time.
Bytes head_gradient(const Transformer&, const TrainingPlan&);

}  // namespace plenum::workload
