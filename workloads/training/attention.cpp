// Multi-head and grouped-query attention.
#include "workloads/training/attention_core.hpp"
#include "workloads/training/casts.hpp"
#include "workloads/training/mixers.hpp"

namespace plenum::workload {
namespace {

using Matrix = RankWork::Matrix;

Matrix qkv_matrix(const RankWork& work) {
  return {"qkv",
          "qkv_input_gradient",
          "qkv_weight_gradient",
          work.share.hidden,
          work.share.qkv,
          work.layer_precision(),
          work.model.biases || work.model.qkv_biases};
}

Matrix projection_matrix(const RankWork& work) {
  return {"projection",        "projection_input_gradient", "projection_weight_gradient",
          work.share.attended, work.share.hidden,           work.layer_precision(),
          work.model.biases};
}

/// Queries and keys: normalized per head (Qwen3), turned by their position.
void positions(RankWork& work, bool backward) {
  const std::int64_t elements = work.share.tokens * (work.share.heads + work.share.kv_heads) * work.share.head_dim;
  const bool fused = work.plan.fused_kernels;
  if (work.model.qk_norm)
    work.move(backward ? "qk_norm_backward" : "qk_norm", Family::norm, elements,
              backward ? norm_backward(work.model.norm, fused) : norm_forward(work.model.norm, fused));
  if (work.model.rotary())
    work.move(backward ? "rotary_backward" : "rotary", Family::attention, elements, rotary(fused));
}

std::int64_t attended(const RankWork& work) { return work.share.tokens * work.share.attended; }

/// LoRA's two thin products beside a matrix, forward; backward computes twice as much.
void adapter(RankWork& work, const Matrix& matrix, std::int64_t times) {
  const std::int64_t rank = work.plan.adapter_rank;
  if (rank == 0) return;
  work.product("adapter_down", work.share.tokens, rank, matrix.in, work.outer_precision(), times);
  work.product("adapter_up", work.share.tokens, matrix.out, rank, work.outer_precision(), times);
  work.move("adapter_add", Family::activation, work.share.tokens * matrix.out, add());
}

}  // namespace

void attention_forward(RankWork& work) {
  work.column_parallel_forward(qkv_matrix(work));
  adapter(work, qkv_matrix(work), 1);
  positions(work, false);
  attention_core_forward(work);
  if (work.model.gated_attention) work.move("attention_gate", Family::activation, attended(work), {4 + 2, 1});
  quantize_attended(work, "cast_attended", attended(work));
  work.row_parallel_forward(projection_matrix(work));
  adapter(work, projection_matrix(work), 1);
}

void attention_backward(RankWork& work) {
  work.row_parallel_backward(projection_matrix(work));
  adapter(work, projection_matrix(work), 2);
  if (work.model.gated_attention) work.move("attention_gate_backward", Family::activation, attended(work), {6 + 4, 1});
  attention_core_backward(work);
  positions(work, true);
  quantize(work, "cast_gradient", work.share.tokens * work.share.qkv);
  work.column_parallel_backward(qkv_matrix(work));
  adapter(work, qkv_matrix(work), 2);
}

}  // namespace plenum::workload
