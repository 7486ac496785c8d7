// Floating-point operations of a model per step, as publications count them. Kernels execute less: causal attention
// computes half of the score matrix (see flops_of).
#pragma once

#include <string_view>

#include "sim/core/quantity.hpp"
#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// Narayanan 2021 (arXiv 2104.04473, eq. 3 without recomputation) and Korthikanti 2022 (appendix A):
/// 72 B L s h^2 (1 + s/6h + V/12hL) for GPT; here for any width of queries, keys, values and MLP. Scores count whole.
inline constexpr std::string_view model_flops_formula =
    "Megatron: tokens x (6 x (layer matrices + hidden x vocabulary) + 12 x layers x heads x head_dim x sequence), "
    "attention not halved for causality; of experts the active ones";

/// Nothing is masked; vectors per sample are negligible but counted.
inline constexpr std::string_view denoising_flops_formula =
    "Diffusion: samples x 3 x (2 x elements x rows of every matrix + 4 x heads x head_dim x queries x keys of every "
    "attention, none masked)";
std::string_view flops_formula(const Transformer&);  ///< which of the two

/// Elements that every token is multiplied with in one layer, and in all layers without the head: of experts those that
/// a token goes to.
std::int64_t layer_matrix_parameters(const Transformer&, const LayerKind&);
std::int64_t layer_matrix_parameters(const Transformer&);

/// Forward and backward of a step, whole job, the vision encoder's included (encoder_flops()).
Flops model_flops(const Transformer&, const TrainingPlan&);
Flops hardware_flops(const Transformer&, const TrainingPlan&);  ///< and what is computed again

}  // namespace plenum::workload
