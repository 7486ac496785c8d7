// Blocks of diffusion transformers, and what stands before and behind them, on one rank for one micro-batch. Texts and
// latents come encoded: training computes them beforehand.
#pragma once

#include "workloads/diffusion/block.hpp"
#include "workloads/training/elements.hpp"
#include "workloads/training/rank_work.hpp"

namespace plenum::workload {

void denoising_forward(RankWork&);
void denoising_backward(RankWork&);
/// Norms and activations alone, computed once more (Recompute::modules).
void denoising_modules(RankWork&);

Operations denoising_input_forward(const Transformer&, const TrainingPlan&);
Operations denoising_input_backward(const Transformer&, const TrainingPlan&);
Operations denoising_output_forward(const Transformer&, const TrainingPlan&);  ///< and the loss, a mean square
Operations denoising_output_backward(const Transformer&, const TrainingPlan&);

/// The share of a rank in a matrix's rows: patches and joint text are spread over context-parallel ranks, and over
/// tensor-parallel ones between blocks; a text that is only attended to, and vectors per sample, are whole everywhere.
Share share_of_rows(const Transformer&, const TrainingPlan&, Rows);

/// Elements of a block on a rank: those of matrices that are split over tensor-parallel ranks, and the others.
std::int64_t denoising_matrix_elements(const Transformer&, const TrainingPlan&, Mixer);
std::int64_t denoising_vector_elements(const Transformer&, const TrainingPlan&, Mixer);

}  // namespace plenum::workload
