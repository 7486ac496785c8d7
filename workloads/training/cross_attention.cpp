// Attention of a text's tokens to those of its images (Llama 3.2 Vision; transformers, modeling_mllama.py): queries
// from the text, keys and values from what the vision encoder gave, normalized per head and not turned by places.
#include "workloads/training/casts.hpp"
#include "workloads/training/encoder.hpp"
#include "workloads/training/mixers.hpp"
#include "workloads/training/recompute.hpp"

namespace plenum::workload {
namespace {

using Matrix = RankWork::Matrix;

Matrix query_matrix(const RankWork& work) {
  return {"cross_query",     "cross_query_input_gradient", "cross_query_weight_gradient",
          work.share.hidden, work.share.attended,          work.layer_precision()};
}
Matrix projection_matrix(const RankWork& work) {
  return {"cross_projection",
          "cross_projection_input_gradient",
          "cross_projection_weight_gradient",
          work.share.attended,
          work.share.hidden,
          work.layer_precision()};
}

std::int64_t key_columns(const RankWork& work) { return work.share.kv_heads * work.share.head_dim; }
std::int64_t keys(const RankWork& work) { return image_rows(work.model, work.plan) * key_columns(work); }
std::int64_t queries(const RankWork& work) { return work.share.tokens * work.share.attended; }

void norms(RankWork& work, bool backward) {
  const bool fused = work.plan.fused_kernels;
  work.move(backward ? "qk_norm_backward" : "qk_norm", Family::norm, queries(work) + keys(work),
            backward ? norm_backward(work.model.norm, fused) : norm_forward(work.model.norm, fused));
}

Attention core(const RankWork& work, AttentionPass pass) {
  return {.batch = work.share.sequences,
          .heads = work.share.heads,
          .kv_heads = work.share.kv_heads,
          .query_length = work.share.length,
          .kv_length = work.plan.images * work.model.vision->tokens(),
          .head_dim = work.share.head_dim,
          .causal = false,
          .pass = pass,
          .precision = work.outer_precision(),
          .kernel = work.plan.attention_kernel};
}

void attend(RankWork& work, std::string_view name, AttentionPass pass) {
  work.operations.push_back({name, Family::attention, core(work, pass)});
}

/// All ranks of a tensor group hold all rows of the images; the gradients of their parts are summed.
void keys_values_back(RankWork& work) {
  const std::int64_t rows = image_rows(work.model, work.plan), hidden = work.share.hidden;
  quantize(work, "cast_gradient", 2 * keys(work));
  work.product("cross_keys_values_input_gradient", rows, hidden, 2 * key_columns(work), work.layer_precision());
  if (work.plan.tensor_parallel > 1)
    work.communicate("reduce_image_gradient", CollectiveKind::all_reduce, GroupDimension::tensor,
                     Bytes(2 * rows * hidden), true);
  work.move("join_image_gradients", Family::norm, rows * hidden, add());
  if (!work.trains_everything()) return;
  work.product("cross_keys_values_weight_gradient", 2 * key_columns(work), hidden, rows, work.layer_precision());
}

}  // namespace

void cross_attention_forward(RankWork& work) {
  work.column_parallel_forward(query_matrix(work));
  const std::int64_t rows = image_rows(work.model, work.plan);
  quantize(work, "cast_images", rows * work.share.hidden);
  work.product("cross_keys_values", rows, 2 * key_columns(work), work.share.hidden, work.layer_precision());
  norms(work, false);
  attend(work, "cross_attention", AttentionPass::forward);
  quantize_attended(work, "cast_attended", queries(work));
  work.row_parallel_forward(projection_matrix(work));
}

void cross_attention_backward(RankWork& work) {
  work.row_parallel_backward(projection_matrix(work));
  if (recomputed_modules(work.plan).core_attn) attend(work, "cross_attention", AttentionPass::forward);
  attend(work, "cross_attention_backward", AttentionPass::backward);
  norms(work, true);
  keys_values_back(work);
  quantize(work, "cast_gradient", queries(work));
  work.column_parallel_backward(query_matrix(work));
}

}  // namespace plenum::workload
