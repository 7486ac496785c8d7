// What a block of a diffusion transformer keeps for its backward pass, in bytes on one rank.
#pragma once

#include "workloads/training/denoising.hpp"

namespace plenum::workload {

struct DenoisingActivations {
  double whole = 0;
  double modules = 0;  ///< of it, what norms and activations made: the operands of the products behind them
  double scores = 0;   ///< of it, attention's own without a fused kernel
};
DenoisingActivations denoising_activations(const Transformer&, const TrainingPlan&, Mixer);

}  // namespace plenum::workload
