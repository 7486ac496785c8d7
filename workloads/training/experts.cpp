// Mixture of experts as Megatron-Core runs it: router, permutation, exchange over the expert group, grouped products.
#include <algorithm>

#include "workloads/training/casts.hpp"
#include "workloads/training/mlps.hpp"
#include "workloads/training/quantization.hpp"

namespace plenum::workload {
namespace {

using Matrix = RankWork::Matrix;

const ExpertShare& share_of(const RankWork& work) { return work.share.experts; }

Matrix router_matrix(const RankWork& work) {
  return {"router",          "router_input_gradient",   "router_weight_gradient",
          work.share.hidden, work.model.experts->count, work.outer_precision()};
}
Matrix to_latent(const RankWork& work) {
  return {"latent_down",     "latent_down_input_gradient", "latent_down_weight_gradient",
          work.share.hidden, share_of(work).width,         work.layer_precision()};
}
Matrix from_latent(const RankWork& work) {
  return {"latent_up",          "latent_up_input_gradient", "latent_up_weight_gradient",
          share_of(work).width, work.share.hidden,          work.layer_precision()};
}

bool has_latent(const RankWork& work) { return work.model.experts->latent > 0; }
bool has_shared(const RankWork& work) { return work.share.shared_ffn > 0; }

/// Scores in fp32: softmax or sigmoid, the best k, the map of tokens to experts and counts per expert.
constexpr Traffic routing{4 + 4 + 4 + 4 + 1 + 4, 6};

/// Short kernels of a router and a dispatcher that run eagerly: one-hot maps, sums, sorts, offsets, losses of balance.
constexpr Traffic bookkeeping{0, 100};

bool issued_one_by_one(const RankWork& work) { return work.plan.expert_kernels == ExpertKernels::separate; }
Traffic routing_of(const RankWork& work) { return issued_one_by_one(work) ? routing + bookkeeping : routing; }

/// Rows to their experts' ranks, or back: to every rank that shares the experts' matrices as well.
void exchange(RankWork& work, std::string_view name) {
  const std::int64_t row = 2 * share_of(work).width;
  if (work.plan.expert_parallel > 1)
    work.communicate(name, CollectiveKind::all_to_all, GroupDimension::expert, Bytes(share_of(work).sent * row),
                     work.plan.overlap_experts);
}
void gather_rows(RankWork& work) {
  if (work.plan.expert_tensor_parallel > 1)
    work.communicate("gather_dispatched", CollectiveKind::all_gather, GroupDimension::expert_tensor,
                     Bytes(2 * share_of(work).rows * share_of(work).width));
}
void reduce_rows(RankWork& work) {
  if (work.plan.expert_tensor_parallel > 1)
    work.communicate("reduce_combined", CollectiveKind::reduce_scatter, GroupDimension::expert_tensor,
                     Bytes(2 * share_of(work).rows * share_of(work).width));
}

/// Rows in another order: permutations reach 0.50 of B200's 8 TB/s, streams 0.79 (MooreThreads/SimuMax,
/// configs/system/b200_bf16_ceperm.json, permute_fwd and permute_bwd; calibration's memory_fraction).
constexpr Traffic scattered(Traffic stream) { return {stream.bytes * 0.79 / 0.50, stream.launches}; }

/// Before sending tokens are sorted by rank, after arrival by expert.
void dispatch(RankWork& work, std::string_view name) {
  const ExpertShare& e = share_of(work);
  if (work.plan.dispatch == Dispatch::all_to_all)
    work.move("permute", Family::activation, e.copies * e.width, scattered(copy()));
  exchange(work, name);
  gather_rows(work);
  if (e.local > 1) work.move("sort_by_expert", Family::activation, e.rows * e.width, scattered(copy()));
}
/// The way back, at whose end the k copies of a token are summed by their weights.
void combine(RankWork& work, std::string_view name) {
  const ExpertShare& e = share_of(work);
  if (e.local > 1) work.move("sort_by_rank", Family::activation, e.rows * e.width, scattered(copy()));
  reduce_rows(work);
  exchange(work, name);
  work.move("weighted_sum", Family::activation, e.copies * e.width, scattered({2 + 2, 1}));
}

/// A kernel per expert when they are issued one by one.
void quantize_rows(RankWork& work, std::string_view name) {
  if (!is_quantized(work.plan.precision)) return;
  const ExpertShare& e = share_of(work);
  work.move(name, Family::activation, e.rows * e.width,
            cast(work.plan.precision) + Traffic{0, issued_one_by_one(work) ? e.local - 1 : 0});
}

void grouped_gradients(RankWork& work, std::string_view input, std::string_view weight, std::int64_t n,
                       std::int64_t k) {
  const ExpertShare& e = share_of(work);
  work.grouped_product(input, e.local, e.rows, k, n);
  if (!work.trains_everything()) return;
  const std::int64_t rows = std::max<std::int64_t>(1, e.rows / e.local);
  work.operations.push_back({weight, Family::matrix_product,
                             GroupedProduct{e.local, n, k, rows, work.layer_precision(), issued_one_by_one(work)}});
}

/// Between the experts' products, unless their kernels do it on the way.
void activate(RankWork& work, std::string_view name, Traffic traffic) {
  if (work.plan.expert_kernels == ExpertKernels::fused) return;
  work.move(name, Family::activation, share_of(work).rows * share_of(work).ffn, traffic);
}
void quantize_between(RankWork& work, std::string_view name, std::int64_t elements) {
  if (work.plan.expert_kernels != ExpertKernels::fused && is_quantized(work.plan.precision))
    work.move(name, Family::activation, elements, cast(work.plan.precision));
}

/// Behind the second product each expert's bias, times the rows' weights in fp32, is added to its rows, which are then
/// joined and cast (Megatron-Core, TEGroupedMLP._apply_bias): product (w4), sum (r2 r4 w4), join (r4 w4), cast (r4 w2).
/// Backward: cast (r2 w4), product and sum (r4 w4, r4) for bias and weights each, cast (r4 w2), join (r2 w2).
void add_biases(RankWork& work, bool backward) {
  if (!work.model.biases || work.plan.expert_kernels == ExpertKernels::fused) return;
  const ExpertShare& e = share_of(work);
  work.move("expert_bias", Family::activation, e.rows * e.width,
            backward ? Traffic{6 + 12 + 12 + 6 + 4, 2 + 5 * e.local} : Traffic{4 + 10 + 8 + 6, 2 + 2 * e.local});
}
/// The first product adds its biases itself; their gradient is a sum for each expert.
void bias_gradients(RankWork& work) {
  if (!work.model.biases || work.plan.expert_kernels == ExpertKernels::fused) return;
  const ExpertShare& e = share_of(work);
  work.move("expert_bias_gradient", Family::activation, e.rows * e.up, {column_sum().bytes, e.local});
}

/// gpt-oss limits both halves (r2 w2) and join them again (r2 w2); backward each half
/// asks its input where (r4 w2).
void clamp(RankWork& work, bool backward) {
  if (!work.model.clamped_mlp || work.plan.expert_kernels == ExpertKernels::fused) return;
  const ExpertShare& e = share_of(work);
  work.move("clamp", Family::activation, e.rows * e.up, {4.0 + (backward ? 6 : 4), 3});
}

void activate_forward(RankWork& work) {
  clamp(work, false);
  activate(work, "expert_activation", activation_forward(work.model.gated_mlp, work.plan.fused_kernels));
  quantize_between(work, "cast_activated", share_of(work).rows * share_of(work).ffn);
}

void routed_forward(RankWork& work) {
  const ExpertShare& e = share_of(work);
  dispatch(work, "dispatch");
  quantize_rows(work, "cast_dispatched");
  work.grouped_product("expert_up", e.local, e.rows, e.up, e.width);
  activate_forward(work);
  work.grouped_product("expert_down", e.local, e.rows, e.width, e.ffn);
  add_biases(work, false);
  combine(work, "combine");
}

void routed_backward(RankWork& work) {
  const ExpertShare& e = share_of(work);
  dispatch(work, "combine_backward");
  add_biases(work, true);
  quantize_rows(work, "cast_gradient");
  grouped_gradients(work, "expert_down_input_gradient", "expert_down_weight_gradient", e.width, e.ffn);
  activate(work, "expert_activation_backward", activation_backward(work.model.gated_mlp, work.plan.fused_kernels));
  clamp(work, true);
  bias_gradients(work);
  quantize_between(work, "cast_gradient", e.rows * e.up);
  grouped_gradients(work, "expert_up_input_gradient", "expert_up_weight_gradient", e.up, e.width);
  combine(work, "dispatch_backward");
}

}  // namespace

void experts_again(RankWork& work, const RecomputeModules& again) {
  if (again.moe) return experts_forward(work);
  if (again.moe_act) activate_forward(work);
  if (!has_shared(work)) return;
  if (again.shared_experts)
    mlp_forward(work, work.share.shared_up, work.share.shared_ffn, work.model.biases);
  else if (again.mlp_act)
    mlp_activation(work, work.share.shared_ffn);
}

void experts_forward(RankWork& work) {
  work.replicated_forward(router_matrix(work));
  work.move("routing", Family::activation, work.share.resident * work.model.experts->count, routing_of(work));
  if (has_latent(work)) work.replicated_forward(to_latent(work));
  routed_forward(work);
  if (has_latent(work)) work.replicated_forward(from_latent(work));
  if (!has_shared(work)) return;
  mlp_forward(work, work.share.shared_up, work.share.shared_ffn, work.model.biases);
  work.move("add_shared", Family::norm, work.share.resident * work.share.hidden, add());
}

void experts_backward(RankWork& work) {
  if (has_shared(work)) {
    mlp_backward(work, work.share.shared_up, work.share.shared_ffn, work.model.biases);
    work.move("join_shared", Family::norm, work.share.resident * work.share.hidden, add());
  }
  if (has_latent(work)) work.replicated_backward(from_latent(work));
  routed_backward(work);
  if (has_latent(work)) work.replicated_backward(to_latent(work));
  work.move("routing_backward", Family::activation, work.share.resident * work.model.experts->count, routing_of(work));
  work.replicated_backward(router_matrix(work));
}

}  // namespace plenum::workload
