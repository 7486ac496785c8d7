#include "workloads/serving/layer_operations.hpp"

#include <algorithm>

namespace plenum::workload {

LayerOperations::LayerOperations(const Transformer& model, const ServingPlan& plan, StepTokens step, std::int64_t count,
                                 Operations& operations)
    : model_(model), plan_(plan), step_(step), count_(count), operations_(operations) {}

std::int64_t LayerOperations::shared(std::int64_t amount) const {
  return (amount + plan_.tensor_parallel - 1) / plan_.tensor_parallel;
}

void LayerOperations::product(std::string_view name, std::int64_t n, std::int64_t k, Precision precision) {
  operations_.push_back({name, Family::matrix_product, MatrixProduct{step_.tokens, n, k, 1, precision}, count_});
}

void LayerOperations::elementwise(std::string_view name, Family family, std::int64_t elements) {
  operations_.push_back({name, family, MemoryBound{Bytes(2 * elements * step_.tokens), 1}, count_});
}

void LayerOperations::quantize(std::int64_t elements, Precision precision) {
  if (bytes_per_element(precision) <= 1 && !cast_with_product(precision))
    elementwise("quantize", Family::activation, elements + elements / 2);
}

void LayerOperations::communicate(std::string_view name, CollectiveKind kind, GroupDimension group,
                                  std::int64_t tokens) {
  operations_.push_back(
      {name, Family::communication, Communication{kind, group, Bytes(2 * tokens * model_.hidden)}, count_});
}

void LayerOperations::add_mixer(Mixer mixer) {
  if (mixer == Mixer::none) return;
  elementwise("norm", Family::norm, 4 * model_.hidden);  // adds the residual, normalizes
  if (mixer == Mixer::attention) add_attention();
  if (mixer == Mixer::latent_attention) add_latent_attention();
  if (mixer == Mixer::state_space) add_state_space();
  if (plan_.tensor_parallel > 1)
    communicate("mixer all-reduce", CollectiveKind::all_reduce, GroupDimension::tensor, step_.tokens);
  add_post_norm();
}

void LayerOperations::add_post_norm() {
  if (model_.post_norms) elementwise("post norm", Family::norm, 2 * model_.hidden);
}

void LayerOperations::add_attention() {
  const std::int64_t q = shared(model_.heads) * model_.head_dim;
  const std::int64_t kv = 2 * std::max<std::int64_t>(1, model_.kv_heads / plan_.tensor_parallel) * model_.head_dim;
  const std::int64_t gate = model_.gated_attention ? q : 0;
  quantize(model_.hidden, plan_.attention_input());
  attention_input("qkv", q + gate + kv, model_.hidden);
  if (model_.qk_norm) add_qk_norm(q, kv / 2);
  elementwise("rotary and cache", Family::activation, 2 * (q + kv));
  if (gate > 0) elementwise("gate", Family::activation, 3 * q);
  quantize(q);
  linear("attention output", model_.hidden, q);
}

/// Over all heads: every GPU adds the squares of its own, all-reduces one number each of queries and keys, and scales
/// (vLLM: MiniMaxText01RMSNormTP).
void LayerOperations::add_qk_norm(std::int64_t queries, std::int64_t keys) {
  const bool among_gpus = model_.qk_norm_across_heads && plan_.tensor_parallel > 1;
  if (among_gpus) {
    elementwise("query and key squares", Family::norm, queries + keys);
    const Bytes squares(2 * 4 * step_.tokens);
    operations_.push_back({"squares all-reduce", Family::communication,
                           Communication{CollectiveKind::all_reduce, GroupDimension::tensor, squares}, count_});
  }
  elementwise("query and key norm", Family::norm, 2 * (queries + keys));
}

void LayerOperations::add_latent_attention() {
  const auto& latent = *model_.latent_attention;
  const std::int64_t heads = shared(model_.heads), compressed = latent.kv_rank + latent.position_dim;
  const std::int64_t query = heads * latent.query_dim();
  quantize(model_.hidden, plan_.attention_input());
  attention_input("compress", latent.query_rank + compressed, model_.hidden);
  elementwise("latent norm", Family::norm, 2 * (latent.query_rank + compressed));
  if (latent.query_rank > 0) {
    quantize(latent.query_rank, plan_.latent_queries());
    product("queries", query, latent.query_rank, plan_.latent_queries());
  } else {
    attention_input("queries", query, model_.hidden);
  }
  elementwise("rotary and cache", Family::activation, 2 * (heads * latent.position_dim + compressed));
  quantize(heads * latent.value_dim);
  linear("attention output", model_.hidden, heads * latent.value_dim);
}

void LayerOperations::add_state_space() {
  const auto& space = *model_.state_space;
  quantize(model_.hidden);
  add_state_space_input();
  elementwise("gated norm", Family::norm, 3 * shared(space.inner()));
  quantize(shared(space.inner()));
  linear("state-space output", model_.hidden, shared(space.inner()));
}

/// Separate products (SGLang until 0.5.9, sgl-project/sglang #21019): inner stream with the state vectors, gate, decay
/// and step; what they make is split, reshaped and joined by kernels of their own.
void LayerOperations::add_state_space_input() {
  const auto& space = *model_.state_space;
  if (!space.separate_products || !space.delta_rule)
    return linear("state-space input", shared(space.projected()), model_.hidden);
  linear("state-space input", shared(space.convolved()), model_.hidden);
  quantize(model_.hidden);
  linear("state-space gate", shared(space.inner()), model_.hidden);
  for (const std::string_view name : {"state-space decay", "state-space step"})
    product(name, shared(space.heads), model_.hidden, Precision::bf16);
  elementwise("join", Family::activation, 2 * shared(space.convolved()));
  elementwise("reshape", Family::activation, 2 * shared(space.inner()));
  for (const std::string_view name : {"reshape decay", "reshape step"})
    elementwise(name, Family::activation, 2 * shared(space.heads));
}

void LayerOperations::add_mlp(Mlp mlp) {
  if (mlp == Mlp::none) return;
  elementwise("norm", Family::norm, 4 * model_.hidden);
  if (mlp == Mlp::experts) {
    add_experts();
  } else {
    add_dense(model_.ffn, {});
    if (plan_.tensor_parallel > 1)
      communicate("mlp all-reduce", CollectiveKind::all_reduce, GroupDimension::tensor, step_.tokens);
  }
  add_post_norm();
}

void LayerOperations::add_dense(std::int64_t ffn, DenseNames names) {
  const std::int64_t inner = shared(ffn), up = model_.gated_mlp ? 2 * inner : inner;
  quantize(model_.hidden);
  linear(names.up, up, model_.hidden);
  elementwise(names.activation, Family::activation, up + inner);
  quantize(inner);
  linear(names.down, model_.hidden, inner);
}

/// Attention ranks gather one another's tokens before the experts and scatter the sums after them.
void LayerOperations::add_experts() {
  const auto& experts = *model_.experts;
  product("router", experts.count, model_.hidden, Precision::bf16);
  if (experts.latent > 0) linear("expert compress", experts.latent, model_.hidden);
  if (experts.shared_ffn > 0) add_dense(experts.shared_ffn, {"shared up", "shared activation", "shared down"});
  if (experts.latent > 0) linear("expert expand", model_.hidden, experts.latent);
  const std::int64_t all = std::max(step_.tokens, step_.tokens_of_all_ranks);
  if (plan_.attention_data_parallel > 1) {
    communicate("gather tokens", CollectiveKind::all_gather, GroupDimension::data, all);
    communicate("scatter sums", CollectiveKind::reduce_scatter, GroupDimension::data, all);
  } else if (plan_.tensor_parallel > 1) {
    communicate("expert all-reduce", CollectiveKind::all_reduce, GroupDimension::tensor, step_.tokens);
  }
}

}  // namespace plenum::workload
