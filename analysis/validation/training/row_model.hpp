// The model of a row of the training table.
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "workloads/model.hpp"

namespace plenum::analysis {

/// The catalogue's model of that name with the row's dimensions laid over it; without one, the architecture's rule: GPT
/// (plain MLP of 4 x hidden, layer norm, biases, tied embeddings), or Llama when kv_heads or ffn deviate from GPT's.
/// Throws Unsupported when dimensions are missing.
workload::Transformer model_of(const RowCells&);

}  // namespace plenum::analysis
