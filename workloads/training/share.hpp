// The share of a model that one rank works on: sizes after tensor, sequence and context parallelism, per micro-batch.
#pragma once

#include <cstdint>

#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

struct Share {
  std::int64_t sequences = 0;  ///< of a micro-batch
  std::int64_t length = 0;     ///< tokens of each that this rank holds: sequence_length / context_parallel
  std::int64_t tokens = 0;     ///< sequences x length: rows of the matrix products
  std::int64_t resident = 0;   ///< rows of the residual stream: tokens / tensor_parallel with sequence parallelism
  std::int64_t hidden = 0;
  std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
  std::int64_t qkv = 0;       ///< columns of the product that makes queries, keys and values
  std::int64_t attended = 0;  ///< heads x head_dim
  std::int64_t up = 0;        ///< columns of the MLP's first product; 2 x ffn when gated
  std::int64_t ffn = 0;
  std::int64_t vocabulary = 0;  ///< padded
};

Share share_of(const Transformer&, const TrainingPlan&);

/// Megatron-LM rounds up to a multiple of 128 x tensor_parallel (--make-vocab-size-divisible-by).
std::int64_t padded_vocabulary(const Transformer&, const TrainingPlan&);

bool splits_sequence(const TrainingPlan&);  ///< sequence parallelism is in effect

/// Elements on one rank: the matrices of a layer; all of a layer; input embedding and positions; head and last norm (a
/// copy of a tied embedding when the last stage is not the first).
std::int64_t layer_matrix_elements(const Transformer&, const TrainingPlan&);
std::int64_t layer_elements(const Transformer&, const TrainingPlan&);
std::int64_t embedding_elements(const Transformer&, const TrainingPlan&);
std::int64_t head_elements(const Transformer&, const TrainingPlan&);

}  // namespace plenum::workload
