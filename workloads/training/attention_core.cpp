#include "workloads/training/attention_core.hpp"

#include <algorithm>

#include "workloads/training/recompute.hpp"

namespace plenum::workload {
namespace {

/// Encoders see windows side by side. A causal window of w tokens leaves s w - w^2 / 2 of a sequence's scores: as many
/// as a query has keys without a mask, on average. 0: no window, or none that is shorter than the sequence.
std::int64_t keys_in_window(const RankWork& work) {
  const std::int64_t window = work.kind.windowed ? work.model.window : 0, length = work.plan.sequence_length;
  if (work.model.sees_all) return window < length ? window : 0;
  return window < length ? window - window * window / (2 * length) : 0;
}

bool exchanges_heads(const TrainingPlan& plan) {
  return plan.context_parallel > 1 && plan.context_method == ContextMethod::all_to_all;
}

/// Causal attention over a whole sequence, balanced over context-parallel ranks: each has length x sequence_length
/// scores per head, half of them masked.
Attention fused(const RankWork& work, AttentionPass pass) {
  const std::int64_t keys = keys_in_window(work);
  const std::int64_t parts = exchanges_heads(work.plan) ? work.plan.context_parallel : 1;
  return {.batch = work.share.sequences,
          .heads = work.share.heads / parts,
          .kv_heads = std::max<std::int64_t>(1, work.share.kv_heads / parts),
          .query_length = work.share.length * parts,
          .kv_length = keys > 0 ? keys : work.plan.sequence_length,
          .head_dim = work.share.head_dim,
          .causal = keys == 0 && !work.model.diffusion && !work.model.sees_all,
          .pass = pass,
          .precision = work.outer_precision(),
          .kernel = work.plan.attention_kernel};
}

/// Heads for tokens: of `columns` of all its tokens a rank keeps those of its heads, for the whole sequence. Fewer
/// heads of keys and values than ranks are copied, so that each rank has one.
void exchange_heads(RankWork& work, std::string_view name, std::int64_t columns) {
  work.communicate(name, CollectiveKind::all_to_all, GroupDimension::context, Bytes(2 * work.share.tokens * columns));
}
std::int64_t queries_keys_values(const RankWork& work) {
  const std::int64_t kv_heads = std::max(work.share.kv_heads, work.plan.context_parallel);
  return (work.share.heads + 2 * kv_heads) * work.share.head_dim;
}

/// Keys and values of the whole sequence. The ring of cp - 1 exchanges moves as much as this all_gather, beside
/// attention.
void exchange(RankWork& work, std::string_view name, CollectiveKind kind) {
  if (work.plan.context_parallel == 1 || exchanges_heads(work.plan)) return;
  const std::int64_t elements =
      2 * work.share.sequences * work.plan.sequence_length * work.share.kv_heads * work.share.head_dim;
  work.communicate(name, kind, GroupDimension::context, Bytes(2 * elements), true);
}

std::int64_t scores(const Share& share) { return share.sequences * share.heads * share.length * share.length; }

void scores_by_length(RankWork& work, std::string_view name) {  // [s, d] x [d, s]
  const Share& s = work.share;
  work.product(name, s.length, s.length, s.head_dim, work.outer_precision(), s.sequences * s.heads, Family::attention);
}

void length_by_width(RankWork& work, std::string_view name) {  // [s, s] x [s, d]
  const Share& s = work.share;
  work.product(name, s.length, s.head_dim, s.length, work.outer_precision(), s.sequences * s.heads, Family::attention);
}

void unfused_forward(RankWork& work) {
  scores_by_length(work, "attention_scores");
  work.move("softmax", Family::attention, scores(work.share),
            softmax_forward(work.plan.dropout, work.plan.fused_kernels));
  length_by_width(work, "attention_values");
}

void unfused_backward(RankWork& work) {
  scores_by_length(work, "attention_probability_gradient");
  length_by_width(work, "attention_value_gradient");
  work.move("softmax_gradient", Family::attention, scores(work.share),
            softmax_backward(work.plan.dropout, work.plan.fused_kernels));
  length_by_width(work, "attention_query_gradient");
  length_by_width(work, "attention_key_gradient");
}

void layout(RankWork& work) {
  work.move("attention_layout", Family::attention, work.share.tokens * work.share.attended, copy());
}

}  // namespace

void attention_core_forward(RankWork& work) {
  const bool heads = exchanges_heads(work.plan);
  if (heads) exchange_heads(work, "exchange_heads", queries_keys_values(work));
  exchange(work, "gather_keys_values", CollectiveKind::all_gather);
  if (work.plan.flash_attention) {
    work.operations.push_back({"attention", Family::attention, fused(work, AttentionPass::forward)});
    if (heads) exchange_heads(work, "exchange_tokens", work.share.attended);
    return;
  }
  unfused_forward(work);
  layout(work);
}

void attention_core_backward(RankWork& work) {
  const bool heads = exchanges_heads(work.plan), again = recomputed_modules(work.plan).core_attn;
  if (again && work.plan.flash_attention) attention_core_forward(work);
  if (heads) exchange_heads(work, "exchange_tokens_gradient", work.share.attended);
  exchange(work, "gather_keys_values", CollectiveKind::all_gather);
  if (work.plan.flash_attention) {
    work.operations.push_back({"attention_backward", Family::attention, fused(work, AttentionPass::backward)});
  } else {
    if (again) unfused_forward(work);
    layout(work);
    unfused_backward(work);
  }
  if (heads) exchange_heads(work, "exchange_heads_gradient", queries_keys_values(work));
  exchange(work, "reduce_keys_values_gradient", CollectiveKind::reduce_scatter);
}

}  // namespace plenum::workload
