#include "workloads/training/share.hpp"

namespace plenum::workload {

bool splits_sequence(const TrainingPlan& plan) { return plan.sequence_parallel && plan.tensor_parallel > 1; }

std::int64_t padded_vocabulary(const Transformer& model, const TrainingPlan& plan) {
  const std::int64_t multiple = 128 * plan.tensor_parallel;
  return (model.vocabulary + multiple - 1) / multiple * multiple;
}

Share share_of(const Transformer& model, const TrainingPlan& plan) {
  const std::int64_t t = plan.tensor_parallel;
  Share share;
  share.sequences = plan.micro_batch;
  share.length = plan.sequence_length / plan.context_parallel;
  share.tokens = share.sequences * share.length;
  share.resident = splits_sequence(plan) ? share.tokens / t : share.tokens;
  share.hidden = model.hidden;
  share.heads = model.heads / t;
  share.kv_heads = model.kv_heads / t;
  share.head_dim = model.head_dim;
  share.qkv = (share.heads + 2 * share.kv_heads) * model.head_dim;
  share.attended = share.heads * model.head_dim;
  share.ffn = model.ffn / t;
  share.up = share.ffn * (model.gated_mlp ? 2 : 1);
  share.vocabulary = padded_vocabulary(model, plan) / t;
  return share;
}

std::int64_t layer_matrix_elements(const Transformer& model, const TrainingPlan& plan) {
  const Share share = share_of(model, plan);
  return share.hidden * (share.qkv + share.attended + share.up + share.ffn);
}

std::int64_t layer_elements(const Transformer& model, const TrainingPlan& plan) {
  const Share share = share_of(model, plan);
  std::int64_t elements = layer_matrix_elements(model, plan) + 2 * model.norm_parameters();
  if (model.biases) elements += share.qkv + share.up + 2 * share.hidden;
  if (model.qkv_biases && !model.biases) elements += share.qkv;
  if (model.qk_norm) elements += 2 * share.head_dim;
  return elements;
}

std::int64_t embedding_elements(const Transformer& model, const TrainingPlan& plan) {
  const std::int64_t rows = share_of(model, plan).vocabulary + (model.learned_positions ? model.context : 0);
  return rows * model.hidden;
}

std::int64_t head_elements(const Transformer& model, const TrainingPlan& plan) {
  const bool shared = model.tied_embeddings && plan.pipeline_parallel == 1;
  return model.norm_parameters() + (shared ? 0 : share_of(model, plan).vocabulary * model.hidden);
}

}  // namespace plenum::workload
