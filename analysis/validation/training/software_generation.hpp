// Which generation of training software ran a row: the one thing besides GPU and precision that a prediction may depend
// on.
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::analysis {

enum class SoftwareGeneration {
  early,  ///< to 2022: FP16 mixed precision, attention through memory, dropout, replicated optimizer, nothing
          ///< overlapped
  modern  ///< since: bf16 and below, fused attention, distributed optimizer, communication overlapped
};

// Of Megatron-DeepSpeed in Python, 2022: layers of every small shape take the same 3.5 ms (fitted on the single nodes
// of the public vTrain table). Since then kernels are fused and launched from fewer lines.
inline constexpr Seconds early_host(63e-6), modern_host(20e-6);

// Eager mixtures of experts: the host walks lists of experts between kernels and waits for the counts of their rows.
// From those fitted rows of small micro-batches that no GPU time explains (some 10 ms per layer on every GPU).
// Containers of 2025 fused neither the router nor the permutation, nor did they capture any of it in graphs.
inline constexpr Seconds mixture_host(28e-6), early_mixture_host(34e-6);

/// FP16 as training precision marks the early generation: frameworks changed to bf16 when they adopted the rest.
SoftwareGeneration software_generation(const RowCells&);

}  // namespace plenum::analysis
