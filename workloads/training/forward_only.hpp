// The forward passes of a training step alone, as a frozen model or log-probabilities of given tokens take them.
#pragma once

#include "workloads/training/step.hpp"

namespace plenum::workload {

/// Nothing is computed backward, reduced or updated; parameters move only where every pass gathers them (FSDP).
TrainingStep forward_only(TrainingStep);

/// A model with one number per token in place of the vocabulary: critics and reward models. Its input embedding is
/// left out with the head.
Transformer value_model(Transformer);

}  // namespace plenum::workload
