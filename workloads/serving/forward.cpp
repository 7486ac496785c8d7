#include "workloads/serving/forward.hpp"

#include <algorithm>
#include <cmath>

namespace plenum::workload {
namespace {

constexpr double activation_bytes = 2;  // bf16 between kernels

std::int64_t divided(std::int64_t amount, std::int64_t by) { return (amount + by - 1) / by; }

/// Adds operations in the order in which a layer does them, `layers` times each.
class Layers {
 public:
  Layers(const Transformer& model, const ServingPlan& plan, std::int64_t tokens)
      : model_(model), plan_(plan), tokens_(tokens), layers_(model.layers) {}

  void product(std::string_view name, std::int64_t n, std::int64_t k) {
    add(name, Family::matrix_product, MatrixProduct{tokens_, n, k, 1, plan_.precision});
  }

  /// A fused kernel that reads and writes so many elements per token.
  void elementwise(std::string_view name, Family family, double elements) {
    const double bytes = elements * static_cast<double>(tokens_) * activation_bytes;
    add(name, family, MemoryBound{Bytes(std::llround(bytes)), 1});
  }

  void all_reduce(std::string_view name) {
    if (plan_.tensor_parallel == 1) return;
    add(name, Family::communication,
        Communication{CollectiveKind::all_reduce, GroupDimension::tensor, Bytes(2 * tokens_ * model_.hidden)});
  }

  Operations operations;

 private:
  void add(std::string_view name, Family family, decltype(Operation::work) work) {
    operations.push_back({name, family, work, layers_});
  }

  const Transformer& model_;
  const ServingPlan& plan_;
  std::int64_t tokens_, layers_;
};

bool quantized(Precision p) { return bytes_per_element(p) <= 1; }

/// Activations are quantized before a product, unless the kernel before it does so on the way.
void quantize(Layers& layers, const ServingPlan& plan, double elements) {
  if (quantized(plan.precision)) layers.elementwise("quantize", Family::activation, 1.5 * elements);
}

void attention_block(Layers& layers, const Transformer& model, const ServingPlan& plan) {
  const AttentionShare share = attention_share(model, plan);
  const auto width = static_cast<double>(model.hidden);
  const std::int64_t q = share.heads * share.head_dim, kv = share.kv_heads * share.head_dim;
  layers.elementwise("norm", Family::norm, 4 * width);  // adds the residual, normalizes
  layers.product("qkv", q + 2 * kv, model.hidden);
  layers.elementwise("rotary and cache", Family::activation, 2 * static_cast<double>(q + 2 * kv));
  quantize(layers, plan, static_cast<double>(q));
  layers.product("attention output", model.hidden, q);
  layers.all_reduce("attention all-reduce");
}

void feed_forward_block(Layers& layers, const Transformer& model, const ServingPlan& plan) {
  const auto width = static_cast<double>(model.hidden);
  const std::int64_t ffn = divided(model.ffn, plan.tensor_parallel), up = model.gated_mlp ? 2 * ffn : ffn;
  layers.elementwise("norm", Family::norm, 4 * width);
  layers.product("mlp up", up, model.hidden);
  layers.elementwise("activation", Family::activation, static_cast<double>(up + ffn));
  layers.product("mlp down", model.hidden, ffn);
  layers.all_reduce("mlp all-reduce");
}

/// Embedding, last norm, logits and sampling.
void add_ends(Operations& operations, const Transformer& model, const ServingPlan& plan, StepTokens step) {
  const std::int64_t vocabulary = divided(model.vocabulary, plan.tensor_parallel);
  operations.push_back({"embedding", Family::embedding, MemoryBound{Bytes(4 * step.tokens * model.hidden), 1}, 1});
  if (step.logits == 0) return;
  operations.push_back(
      {"logits", Family::matrix_product, MatrixProduct{step.logits, vocabulary, model.hidden, 1, Precision::bf16}, 1});
  if (plan.tensor_parallel > 1)
    operations.push_back(
        {"gather logits", Family::communication,
         Communication{CollectiveKind::all_gather, GroupDimension::tensor, Bytes(2 * step.logits * model.vocabulary)},
         1});
  operations.push_back({"sampling", Family::loss, MemoryBound{Bytes(4 * 3 * step.logits * model.vocabulary), 3}, 1});
}

}  // namespace

AttentionShare attention_share(const Transformer& model, const ServingPlan& plan) {
  return {model.layers, divided(model.heads, plan.tensor_parallel),
          std::max<std::int64_t>(1, model.kv_heads / plan.tensor_parallel), model.head_dim};
}

Operations token_operations(const Transformer& model, const ServingPlan& plan, StepTokens step) {
  Layers layers(model, plan, step.tokens);
  attention_block(layers, model, plan);
  feed_forward_block(layers, model, plan);
  add_ends(layers.operations, model, plan, step);
  return std::move(layers.operations);
}

std::int64_t kernels(const Operations& operations, const AttentionShare& attention) {
  std::int64_t count = attention.layers;
  for (const auto& operation : operations) {
    const auto* memory_bound = std::get_if<MemoryBound>(&operation.work);
    count += operation.count * (memory_bound ? memory_bound->launches : 1);
  }
  return count;
}

Bytes weight_bytes(const Transformer& model, const ServingPlan& plan) {
  const auto stages = static_cast<double>(plan.pipeline_parallel);
  const double layers = static_cast<double>(model.layers * model.layer_parameters()) / stages;
  const auto ends = static_cast<double>(model.embedding_parameters() + model.head_parameters());
  const double bytes = layers * bytes_per_element(plan.precision) + 2 * ends;
  return Bytes(std::llround(bytes / static_cast<double>(plan.tensor_parallel)));
}

Bytes kv_bytes_per_token(const Transformer& model, const ServingPlan& plan) {
  const AttentionShare share = attention_share(model, plan);
  const auto elements =
      static_cast<double>(2 * share.layers / plan.pipeline_parallel * share.kv_heads * share.head_dim);
  return Bytes(std::llround(elements * bytes_per_element(plan.kv_cache)));
}

}  // namespace plenum::workload
