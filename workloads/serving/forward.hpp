// The forward pass of one step on one GPU: what depends on the number of tokens alone as operations, and the attention
// of a prompt's chunk or of decodes as shapes.
#pragma once

#include "workloads/operation.hpp"
#include "workloads/serving/serving_plan.hpp"

namespace plenum::workload {

/// Tokens of a step on one attention rank, and how many of them need logits (one per sequence that samples).
struct StepTokens {
  std::int64_t tokens = 0;
  std::int64_t logits = 0;
};

/// Everything but attention kernels: all layers of one pipeline stage, embedding and head included (stages of equal
/// size; the step takes all of them in a row).
Operations token_operations(const Transformer&, const ServingPlan&, StepTokens);

/// The attention of one GPU.
struct AttentionShare {
  std::int64_t layers = 0, heads = 0, kv_heads = 0, head_dim = 0;
};
AttentionShare attention_share(const Transformer&, const ServingPlan&);

/// Kernels of a forward pass, attention included: what eager launches cost the host.
std::int64_t kernels(const Operations&, const AttentionShare&);

/// On one GPU.
Bytes weight_bytes(const Transformer&, const ServingPlan&);
Bytes kv_bytes_per_token(const Transformer&, const ServingPlan&);

}  // namespace plenum::workload
