#include "workloads/serving/serving_memory.hpp"

#include <algorithm>
#include <cmath>

namespace plenum::workload {
namespace {

/// Block and microscaled formats carry a scale per 16 to 128 elements.
double stored_bytes(Precision p) { return p == Precision::nvfp4 ? 0.5 + 1.0 / 16 : bytes_per_element(p); }

/// Of what widens compressed queries.
double latent_query_parameters(const Transformer& model, Mixer mixer) {
  if (mixer != Mixer::latent_attention) return 0;
  const auto& latent = *model.latent_attention;
  return static_cast<double>(latent.query_rank * model.heads * latent.query_dim());
}

/// Of what makes queries, keys and values, with that; the mixer without its output projection.
double attention_input_parameters(const Transformer& model, Mixer mixer) {
  if (mixer != Mixer::attention && mixer != Mixer::latent_attention) return 0;
  const std::int64_t values = mixer == Mixer::attention ? model.head_dim : model.latent_attention->value_dim;
  const std::int64_t all = model.layer_parameters({.mixer = mixer, .mlp = Mlp::none});
  return static_cast<double>(all - model.hidden * model.heads * values);
}

double layer_bytes(const Transformer& model, const ServingPlan& plan, const LayerCount& layers) {
  const bool has_experts = layers.kind.mlp == Mlp::experts;
  const double routed = has_experts ? static_cast<double>(model.experts->count * model.expert_parameters()) : 0;
  const double inputs = attention_input_parameters(model, layers.kind.mixer);
  const double others = static_cast<double>(model.layer_parameters(layers.kind)) - inputs - routed;
  const double queries = latent_query_parameters(model, layers.kind.mixer);
  const double shared = (inputs - queries) * stored_bytes(plan.attention_input()) +
                        queries * stored_bytes(plan.latent_queries()) + others * stored_bytes(plan.precision);
  const double bytes = shared / static_cast<double>(plan.tensor_parallel) +
                       routed * stored_bytes(plan.expert_precision) / static_cast<double>(plan.stage_gpus());
  return bytes * static_cast<double>(layers.count);
}

/// Of windows as short as gpt-oss' 128 or Gemma's 1024 tokens a sequence keeps next to nothing; one of 8192 (Llama 4)
/// holds most requests whole.
constexpr std::int64_t short_window = 1024;

/// Elements of keys and values that a layer keeps of a token, on one GPU.
double cached_elements(const Transformer& model, const ServingPlan& plan, const LayerKind& kind) {
  if (kind.mixer == Mixer::latent_attention)  // compressed, the same for all heads: every rank keeps it whole
    return static_cast<double>(model.latent_attention->kv_rank + model.latent_attention->position_dim);
  const bool forgets = kind.windowed && model.window <= short_window;
  if (kind.mixer != Mixer::attention || forgets || model.sees_all) return 0;
  return static_cast<double>(2 * std::max<std::int64_t>(1, model.kv_heads / plan.tensor_parallel) * model.head_dim);
}

}  // namespace

Bytes weight_bytes(const Transformer& model, const ServingPlan& plan) {
  double layers = 0;
  for (const auto& kind : model.layer_counts()) layers += layer_bytes(model, plan, kind);
  const auto ends = static_cast<double>(model.embedding_parameters() + model.head_parameters());
  return Bytes(std::llround(layers / static_cast<double>(plan.pipeline_parallel) +
                            2 * ends / static_cast<double>(plan.tensor_parallel)));
}

Bytes kv_bytes_per_token(const Transformer& model, const ServingPlan& plan) {
  double elements = 0;
  for (const auto& kind : model.layer_counts())
    elements += static_cast<double>(kind.count) * cached_elements(model, plan, kind.kind);
  const double bytes = elements * bytes_per_element(plan.kv_cache) / static_cast<double>(plan.pipeline_parallel);
  return Bytes(std::max<std::int64_t>(1, std::llround(bytes)));
}

}  // namespace plenum::workload
