// What of a layer is computed again in its backward pass.
#pragma once

#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// The plan's recomputation by module; none of whole layers (Recompute::full). Selective recomputation runs the
/// attention core's forward pass again; a fused kernel does so by itself, at no extra cost.
RecomputeModules recomputed_modules(const TrainingPlan&);

/// Whether recomputing such a layer ends before its down projection, whose output no gradient needs: PyTorch's
/// checkpoints without reentry since 2.1 (torch.utils.checkpoint.set_checkpoint_early_stop).
bool stops_early(const TrainingPlan&, const LayerKind&);

/// Modules that the model's layers don't have: pointer below the plan, message.
std::vector<std::pair<std::string, std::string>> check_recomputation(const TrainingPlan&, const Transformer&);

}  // namespace plenum::workload
