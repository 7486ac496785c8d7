// The two ends of a model on one rank, for one micro-batch: embedding of tokens, and head with loss. Both split the
// vocabulary over the tensor group (Shoeybi 2019, 3).
#pragma once

#include "workloads/operation.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

Operations embedding_forward(const Transformer&, const TrainingPlan&);
Operations embedding_backward(const Transformer&, const TrainingPlan&);
Operations head_forward(const Transformer&, const TrainingPlan&);  ///< last norm, logits, loss
Operations head_backward(const Transformer&, const TrainingPlan&);

}  // namespace plenum::workload
