#include "workloads/training/flops.hpp"

#include <algorithm>

#include "workloads/diffusion/block.hpp"
#include "workloads/training/elements.hpp"
#include "workloads/training/encoder.hpp"
#include "workloads/training/recompute.hpp"

namespace plenum::workload {
namespace {

double tokens_of(const TrainingPlan& plan) {
  return static_cast<double>(plan.global_batch) * static_cast<double>(plan.sequence_length);
}

/// One forward pass of a token through a layer: two products of the whole sequence, or window, with a head's width.
double attention_forward(const Transformer& model, const TrainingPlan& plan, const LayerKind& kind) {
  if (kind.mixer == Mixer::cross_attention)
    return 4.0 * static_cast<double>(model.heads * model.head_dim * plan.images * model.vision->tokens());
  const auto length = static_cast<double>(
      kind.windowed && model.window > 0 ? std::min(model.window, plan.sequence_length) : plan.sequence_length);
  if (kind.mixer == Mixer::attention) return 4.0 * static_cast<double>(model.heads * model.head_dim) * length;
  if (kind.mixer != Mixer::latent_attention) return 0;
  const LatentAttention& a = *model.latent_attention;
  return 2.0 * static_cast<double>(model.heads * (a.query_dim() + a.value_dim)) * length;
}

double attention_forward(const Transformer& model, const TrainingPlan& plan) {
  double flops = 0;
  for (const auto& [kind, count] : model.layer_counts())
    flops += static_cast<double>(count) * attention_forward(model, plan, kind);
  return flops;
}

double blocks_forward(const Transformer& model) {
  double flops = 0;
  for (const auto& [kind, count] : model.layer_counts())
    flops += static_cast<double>(count) * forward_flops(model, kind.mixer);
  return flops;
}

double attention_of_blocks(const Transformer& model) {
  const auto length = static_cast<double>(model.context);
  return static_cast<double>(model.layers * 4 * model.heads * model.head_dim) * length * length;
}

/// Of one sample.
double recomputed_of_sample(const Transformer& model, const TrainingPlan& plan, double share) {
  if (plan.recompute == Recompute::full) return share * blocks_forward(model);
  return recomputed_modules(plan).core_attn ? attention_of_blocks(model) : 0;
}

double matrices_forward(const Transformer& model) { return 2.0 * static_cast<double>(layer_matrix_parameters(model)); }

/// The same sizes on one rank of one, whose experts are the active ones.
std::int64_t elements(const Transformer& model, const LayerKind& kind) {
  Transformer active = model;
  if (active.experts) active.experts->count = active.experts->active;
  TrainingPlan alone;
  alone.sequence_length = 1;
  // What stands before keys and values of images is no token of the text: image_flops().
  const std::int64_t apart =
      kind.mixer == Mixer::cross_attention ? 2 * model.hidden * model.kv_heads * model.head_dim : 0;
  const std::int64_t router = kind.mlp == Mlp::experts ? model.hidden * model.experts->count : 0;
  return layer_matrix_elements(active, alone, kind).all() + router - apart;
}

/// Products that a token goes through once more in one layer's modules; activations and norms have none.
double products_again(const Transformer& model, const LayerKind& kind, const RecomputeModules& again) {
  const std::int64_t matrices = model.gated_mlp ? 3 : 2;
  std::int64_t elements = 0;
  if (kind.mlp == Mlp::dense && again.mlp) elements += matrices * model.hidden * model.ffn;
  if (kind.mlp == Mlp::experts && again.moe)
    elements += layer_matrix_parameters(model, {Mixer::none, Mlp::experts});
  else if (kind.mlp == Mlp::experts && again.shared_experts)
    elements += matrices * model.hidden * model.experts->shared_ffn;
  if (kind.mixer == Mixer::latent_attention && again.mla_up_proj) {
    const LatentAttention& a = *model.latent_attention;
    elements += model.heads * ((a.query_rank > 0 ? a.query_rank : model.hidden) * a.query_dim() +
                               a.kv_rank * (a.content_dim + a.value_dim));
  }
  return 2.0 * static_cast<double>(elements);
}

/// Of a token, in all layers.
double modules_again(const Transformer& model, const TrainingPlan& plan) {
  const RecomputeModules again = recomputed_modules(plan);
  double flops = 0;
  for (const auto& [kind, count] : model.layer_counts())
    flops += static_cast<double>(count) *
             (products_again(model, kind, again) + (again.core_attn ? attention_forward(model, plan, kind) : 0));
  return flops;
}

/// Of a token in all layers computed again as a whole.
double layers_again(const Transformer& model, const TrainingPlan& plan) {
  std::int64_t left_out = 0;
  for (const auto& [kind, count] : model.layer_counts())
    if (stops_early(plan, kind)) left_out += count * model.hidden * model.ffn;
  return matrices_forward(model) + attention_forward(model, plan) - 2.0 * static_cast<double>(left_out);
}

/// Of all layers.
double recomputed_share(const Transformer& model, const TrainingPlan& plan) {
  if (plan.recompute_layers == 0) return 1;
  const std::int64_t again = plan.recompute_layers * plan.pipeline_parallel * plan.virtual_stages;
  return std::min(1.0, static_cast<double>(again) / static_cast<double>(model.layers));
}

/// Of a step forward: keys and values of images for the layers that attend to them.
double image_flops(const Transformer& model, const TrainingPlan& plan) {
  double elements = 0;
  for (const auto& [kind, count] : model.layer_counts())
    if (kind.mixer == Mixer::cross_attention)
      elements += static_cast<double>(count * 2 * model.hidden * model.kv_heads * model.head_dim);
  if (elements == 0) return 0;
  return 2 * elements * static_cast<double>(plan.global_batch * plan.images * model.vision->tokens());
}

}  // namespace

std::int64_t layer_matrix_parameters(const Transformer& model, const LayerKind& kind) { return elements(model, kind); }

std::int64_t layer_matrix_parameters(const Transformer& model) {
  std::int64_t sum = 0;
  for (const auto& [kind, count] : model.layer_counts()) sum += count * layer_matrix_parameters(model, kind);
  return sum;
}

std::string_view flops_formula(const Transformer& model) {
  return model.diffusion ? denoising_flops_formula : model_flops_formula;
}

Flops model_flops(const Transformer& model, const TrainingPlan& plan) {
  if (model.diffusion) return Flops(3 * static_cast<double>(plan.global_batch) * forward_flops(model));
  const double head_forward = 2.0 * static_cast<double>(model.hidden * model.vocabulary);
  return encoder_flops(model, plan) + Flops(3 * image_flops(model, plan)) +
         Flops(3 * tokens_of(plan) * (matrices_forward(model) + head_forward + attention_forward(model, plan)));
}

Flops hardware_flops(const Transformer& model, const TrainingPlan& plan) {
  if (model.diffusion) {
    const double again = recomputed_of_sample(model, plan, recomputed_share(model, plan));
    return model_flops(model, plan) + Flops(static_cast<double>(plan.global_batch) * again);
  }
  const double again = plan.recompute == Recompute::full ? recomputed_share(model, plan) * layers_again(model, plan)
                                                         : modules_again(model, plan);
  const double images =
      plan.recompute == Recompute::full ? recomputed_share(model, plan) * image_flops(model, plan) : 0;
  return model_flops(model, plan) + recomputed_encoder_flops(model, plan) + Flops(images + tokens_of(plan) * again);
}

}  // namespace plenum::workload
