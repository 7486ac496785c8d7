// The share of a model that one rank works on: sizes after tensor, sequence, context and expert parallelism, per
// micro-batch.
#pragma once

#include <cstdint>

#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// Routed experts of one layer.
struct ExpertShare {
  std::int64_t local = 0;  ///< experts on this rank
  std::int64_t width = 0;  ///< of their input: hidden or latent
  std::int64_t ffn = 0, up = 0;
  std::int64_t sent = 0;    ///< rows that this rank sends into the expert group: its tokens, or copies per expert
  std::int64_t copies = 0;  ///< its tokens, once per expert that they go to
  std::int64_t rows = 0;    ///< of its experts' products together
};

struct Share {
  std::int64_t sequences = 0;  ///< of a micro-batch
  std::int64_t length = 0;     ///< tokens of each that this rank holds: sequence_length / context_parallel
  std::int64_t tokens = 0;     ///< sequences x length: rows of the matrix products
  std::int64_t resident = 0;   ///< rows of the residual stream: tokens / tensor_parallel with sequence parallelism
  std::int64_t hidden = 0;
  std::int64_t heads = 0, kv_heads = 0;
  std::int64_t head_dim = 0;  ///< as attention's core sees it: mean of key and value where they differ
  std::int64_t qkv = 0;       ///< columns of queries, keys and values
  std::int64_t attended = 0;  ///< columns of what attention found, all heads
  std::int64_t up = 0;        ///< columns of the MLP's first product; 2 x ffn when gated
  std::int64_t ffn = 0;
  std::int64_t shared_ffn = 0, shared_up = 0;  ///< of shared experts
  std::int64_t vocabulary = 0;                 ///< padded
  StateSpace state_space;                      ///< of a rank; zeros without
  ExpertShare experts;                         ///< zeros without
};

Share share_of(const Transformer&, const TrainingPlan&);

/// Megatron-LM rounds up to a multiple of 128 x tensor_parallel (--make-vocab-size-divisible-by).
std::int64_t padded_vocabulary(const Transformer&, const TrainingPlan&);

bool splits_sequence(const TrainingPlan&);   ///< sequence parallelism is in effect
bool pipelines_tensor(const TrainingPlan&);  ///< overlap_tensor is

}  // namespace plenum::workload
