#include "workloads/training/layer.hpp"

#include "workloads/training/attention_core.hpp"
#include "workloads/training/quantization.hpp"
#include "workloads/training/rank_work.hpp"

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
Matrix up_matrix(const RankWork& work) {
  return {"mlp_up",      "mlp_up_input_gradient", "mlp_up_weight_gradient", work.share.hidden,
          work.share.up, work.layer_precision(),  work.model.biases};
}
Matrix down_matrix(const RankWork& work) {
  return {"mlp_down",        "mlp_down_input_gradient", "mlp_down_weight_gradient", work.share.ffn,
          work.share.hidden, work.layer_precision(),    work.model.biases};
}

/// A cast in a kernel of its own; after a norm or an activation only when it is not part of that kernel.
void quantize(RankWork& work, std::string_view name, std::int64_t elements) {
  if (is_quantized(work.layer_precision())) work.move(name, Family::activation, elements, cast(work.layer_precision()));
}
void quantize_produced(RankWork& work, std::string_view name, std::int64_t elements) {
  if (!cast_is_fused_into_producer(work.layer_precision())) quantize(work, name, elements);
}

std::int64_t stream(const RankWork& work) { return work.share.resident * work.share.hidden; }

void norm_and_cast(RankWork& work) {
  work.move("norm", Family::norm, stream(work), norm_forward(work.model.norm, work.plan.fused_kernels));
  quantize_produced(work, "cast_norm", stream(work));
}

void residual(RankWork& work) {
  work.move("residual", Family::norm, stream(work), residual_forward(work.plan.dropout, work.plan.fused_kernels));
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

void forward(RankWork& work) {
  const Share& share = work.share;
  norm_and_cast(work);
  work.column_parallel_forward(qkv_matrix(work));
  positions(work, false);
  attention_core_forward(work);
  quantize(work, "cast_attended", share.tokens * share.attended);
  work.row_parallel_forward(projection_matrix(work));
  residual(work);

  norm_and_cast(work);
  work.column_parallel_forward(up_matrix(work));
  work.move("activation", Family::activation, share.tokens * share.ffn,
            activation_forward(work.model.gated_mlp, work.plan.fused_kernels));
  quantize_produced(work, "cast_activated", share.tokens * share.ffn);
  work.row_parallel_forward(down_matrix(work));
  residual(work);
}

/// From the gradient of the stream back to the row-parallel matrix that added to it.
void residual_backward(RankWork& work) {
  if (work.plan.dropout) work.move("dropout_backward", Family::norm, stream(work), dropout_backward());
  quantize(work, "cast_gradient", stream(work));
}

/// From the column-parallel matrix back through the norm, where the gradient of the stream joins.
void norm_backward_and_join(RankWork& work) {
  work.move("norm_backward", Family::norm, stream(work), norm_backward(work.model.norm, work.plan.fused_kernels));
  work.move("join_gradients", Family::norm, stream(work), add());
}

void mlp_backward(RankWork& work) {
  const Share& share = work.share;
  residual_backward(work);
  work.row_parallel_backward(down_matrix(work));
  work.move("activation_backward", Family::activation, share.tokens * share.ffn,
            activation_backward(work.model.gated_mlp, work.plan.fused_kernels));
  quantize_produced(work, "cast_gradient", share.tokens * share.up);
  work.column_parallel_backward(up_matrix(work));
  norm_backward_and_join(work);
}

void attention_backward(RankWork& work) {
  residual_backward(work);
  work.row_parallel_backward(projection_matrix(work));
  attention_core_backward(work);
  positions(work, true);
  quantize(work, "cast_gradient", work.share.tokens * work.share.qkv);
  work.column_parallel_backward(qkv_matrix(work));
  norm_backward_and_join(work);
}

}  // namespace

Operations layer_forward(const Transformer& model, const TrainingPlan& plan) {
  RankWork work(model, plan);
  forward(work);
  return std::move(work.operations);
}

Operations layer_backward(const Transformer& model, const TrainingPlan& plan) {
  RankWork work(model, plan);
  if (plan.recompute == Recompute::full) forward(work);
  mlp_backward(work);
  attention_backward(work);
  return std::move(work.operations);
}

}  // namespace plenum::workload
