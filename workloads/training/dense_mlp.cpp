#include "workloads/training/casts.hpp"
#include "workloads/training/mlps.hpp"

namespace plenum::workload {
namespace {

using Matrix = RankWork::Matrix;

Matrix up_matrix(const RankWork& work, std::int64_t up, bool bias) {
  return {"mlp_up", "mlp_up_input_gradient", "mlp_up_weight_gradient", work.share.hidden, up, work.layer_precision(),
          bias};
}
Matrix down_matrix(const RankWork& work, std::int64_t ffn, bool bias) {
  return {"mlp_down", "mlp_down_input_gradient", "mlp_down_weight_gradient",
          ffn,        work.share.hidden,         work.layer_precision(),
          bias};
}

}  // namespace

void mlp_activation(RankWork& work, std::int64_t ffn) {
  work.move("activation", Family::activation, work.share.tokens * ffn,
            activation_forward(work.model.gated_mlp, work.plan.fused_kernels));
  quantize(work, "cast_activated", work.share.tokens * ffn);
}

namespace {

void until_down(RankWork& work, std::int64_t up, std::int64_t ffn, bool bias) {
  work.column_parallel_forward(up_matrix(work, up, bias));
  mlp_activation(work, ffn);
}

}  // namespace

void mlp_forward(RankWork& work, std::int64_t up, std::int64_t ffn, bool bias) {
  until_down(work, up, ffn, bias);
  work.row_parallel_forward(down_matrix(work, ffn, bias));
}

void mlp_backward(RankWork& work, std::int64_t up, std::int64_t ffn, bool bias) {
  work.row_parallel_backward(down_matrix(work, ffn, bias));
  work.move("activation_backward", Family::activation, work.share.tokens * ffn,
            activation_backward(work.model.gated_mlp, work.plan.fused_kernels));
  quantize(work, "cast_gradient", work.share.tokens * up);
  work.column_parallel_backward(up_matrix(work, up, bias));
}

void dense_mlp_forward(RankWork& work) { mlp_forward(work, work.share.up, work.share.ffn, work.model.biases); }
void dense_mlp_until_down(RankWork& work) { until_down(work, work.share.up, work.share.ffn, work.model.biases); }
void dense_mlp_again(RankWork& work, const RecomputeModules& again) {
  if (again.mlp)
    dense_mlp_forward(work);
  else if (again.mlp_act)
    mlp_activation(work, work.share.ffn);
}
void dense_mlp_backward(RankWork& work) { mlp_backward(work, work.share.up, work.share.ffn, work.model.biases); }

}  // namespace plenum::workload
