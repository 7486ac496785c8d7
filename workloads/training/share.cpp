#include "workloads/training/share.hpp"

#include <algorithm>
#include <cmath>

namespace plenum::workload {
namespace {

/// Of `active` experts drawn from all, on how many different ranks they are, on average.
double ranks_reached(const Experts& experts, const TrainingPlan& plan) {
  const auto ranks = static_cast<double>(plan.expert_parallel);
  return ranks * (1 - std::pow(1 - 1 / ranks, static_cast<double>(experts.active)));
}

ExpertShare experts_of(const Transformer& model, const TrainingPlan& plan, std::int64_t resident) {
  if (!model.experts) return {};
  const Experts& experts = *model.experts;
  ExpertShare share;
  share.local = experts.count / plan.expert_parallel;
  share.width = experts.latent > 0 ? experts.latent : model.hidden;
  share.ffn = experts.ffn / plan.expert_tensor_parallel;
  share.up = share.ffn * (model.gated_mlp ? 2 : 1);
  share.copies = resident * experts.active;
  share.sent = plan.dispatch == Dispatch::per_rank
                   ? std::llround(static_cast<double>(resident) * ranks_reached(experts, plan))
                   : share.copies;
  share.rows = std::llround(static_cast<double>(share.copies * plan.expert_tensor_parallel) * plan.expert_imbalance);
  return share;
}

StateSpace state_space_of(const Transformer& model, const TrainingPlan& plan) {
  StateSpace share = model.state_space.value_or(StateSpace{.groups = 0, .convolution = 0});
  share.heads /= plan.tensor_parallel;
  if (share.groups > 0) share.groups = std::max<std::int64_t>(1, share.groups / plan.tensor_parallel);
  return share;
}

void share_heads(Share& share, const Transformer& model, std::int64_t tensor) {
  share.heads = model.heads / tensor;
  if (const auto& latent = model.latent_attention) {
    share.kv_heads = share.heads;
    share.head_dim = (latent->query_dim() + latent->value_dim) / 2;
    share.qkv = share.heads * (2 * latent->query_dim() + latent->value_dim);
    share.attended = share.heads * latent->value_dim;
    return;
  }
  share.kv_heads = std::max<std::int64_t>(1, model.kv_heads / tensor);
  share.head_dim = model.head_dim;
  share.attended = share.heads * model.head_dim;
  share.qkv = share.attended * (model.gated_attention ? 2 : 1) + 2 * share.kv_heads * model.head_dim;
}

}  // namespace

bool splits_sequence(const TrainingPlan& plan) { return plan.sequence_parallel && plan.tensor_parallel > 1; }

bool pipelines_tensor(const TrainingPlan& plan) { return plan.overlap_tensor && splits_sequence(plan); }

std::int64_t padded_vocabulary(const Transformer& model, const TrainingPlan& plan) {
  const std::int64_t multiple = 128 * plan.tensor_parallel;
  return (model.vocabulary + multiple - 1) / multiple * multiple;
}

Share share_of(const Transformer& model, const TrainingPlan& plan) {
  const std::int64_t t = plan.tensor_parallel, columns_of_up = model.gated_mlp ? 2 : 1;
  Share share;
  share.sequences = plan.micro_batch;
  share.length = plan.sequence_length / plan.context_parallel;
  share.tokens = share.sequences * share.length;
  share.resident = splits_sequence(plan) ? share.tokens / t : share.tokens;
  share.hidden = model.hidden;
  share_heads(share, model, t);
  share.ffn = model.ffn / t;
  share.up = share.ffn * columns_of_up;
  share.shared_ffn = (model.experts ? model.experts->shared_ffn : 0) / t;
  share.shared_up = share.shared_ffn * columns_of_up;
  share.vocabulary = padded_vocabulary(model, plan) / t;
  share.state_space = state_space_of(model, plan);
  share.experts = experts_of(model, plan, share.resident);
  return share;
}

}  // namespace plenum::workload
