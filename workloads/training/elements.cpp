#include "workloads/training/elements.hpp"

#include "workloads/training/denoising.hpp"
#include "workloads/training/encoder.hpp"
#include "workloads/training/share.hpp"
#include "workloads/training/stage_layers.hpp"

namespace plenum::workload {
namespace {

std::int64_t latent_matrices(const Transformer& model, const Share& share) {
  const LatentAttention& a = *model.latent_attention;
  const std::int64_t queries = share.heads * a.query_dim();
  const std::int64_t query = a.query_rank > 0 ? a.query_rank * (share.hidden + queries) : share.hidden * queries;
  return query + share.hidden * (a.kv_rank + a.position_dim) + a.kv_rank * share.heads * (a.content_dim + a.value_dim) +
         share.attended * share.hidden;
}

std::int64_t mixer_matrices(const Transformer& model, const Share& share, Mixer mixer) {
  switch (mixer) {
    case Mixer::attention:
    case Mixer::cross_attention:
      return share.hidden * (share.qkv + share.attended);
    case Mixer::latent_attention:
      return latent_matrices(model, share);
    case Mixer::state_space:
      return share.hidden * (share.state_space.projected() + share.state_space.inner());
    default:
      return 0;
  }
}

Elements mlp_matrices(const Transformer& model, const Share& share, Mlp mlp) {
  const ExpertShare& e = share.experts;
  switch (mlp) {
    case Mlp::dense:
      return {share.hidden * (share.up + share.ffn), 0};
    case Mlp::experts:
      return {share.hidden * (share.shared_up + share.shared_ffn + 2 * model.experts->latent),
              e.local * e.width * (e.up + e.ffn)};
    default:
      return {};
  }
}

std::int64_t mixer_vectors(const Transformer& model, const Share& share, Mixer mixer) {
  std::int64_t elements = mixer == Mixer::none ? 0 : model.norms_of_block() * model.norm_parameters();
  if (mixer == Mixer::latent_attention)
    elements += model.latent_attention->query_rank + model.latent_attention->kv_rank;
  if (mixer == Mixer::state_space) {
    const StateSpace& s = share.state_space;
    elements += s.convolved() * (s.convolution + 1) + 3 * s.heads + s.inner();
  }
  if (mixer == Mixer::cross_attention) elements += 2 * share.head_dim + 2;
  if (mixer != Mixer::attention) return elements;
  if (model.biases) elements += share.qkv + share.hidden;
  if (model.qkv_biases && !model.biases) elements += share.qkv;
  if (model.qk_norm) elements += 2 * share.head_dim;
  return elements;
}

Elements mlp_vectors(const Transformer& model, const Share& share, Mlp mlp) {
  Elements elements{mlp == Mlp::none ? 0 : model.norms_of_block() * model.norm_parameters(), 0};
  if (mlp == Mlp::dense && model.biases) elements.common += share.up + share.hidden;
  if (mlp == Mlp::experts) {
    elements.common += share.hidden * model.experts->count;  // the router
    if (model.biases) elements.experts += share.experts.local * (share.experts.up + share.experts.width);
  }
  return elements;
}

}  // namespace

Elements layer_matrix_elements(const Transformer& model, const TrainingPlan& plan, const LayerKind& kind) {
  if (is_denoising(kind.mixer)) return {denoising_matrix_elements(model, plan, kind.mixer), 0};
  const Share share = share_of(model, plan);
  return Elements{mixer_matrices(model, share, kind.mixer), 0} + mlp_matrices(model, share, kind.mlp);
}

Elements layer_elements(const Transformer& model, const TrainingPlan& plan, const LayerKind& kind) {
  if (is_denoising(kind.mixer))
    return layer_matrix_elements(model, plan, kind) + Elements{denoising_vector_elements(model, plan, kind.mixer), 0};
  const Share share = share_of(model, plan);
  return layer_matrix_elements(model, plan, kind) + Elements{mixer_vectors(model, share, kind.mixer), 0} +
         mlp_vectors(model, share, kind.mlp);
}

Elements elements_of(const Transformer& model, const TrainingPlan& plan, const std::vector<LayerCount>& layers) {
  Elements sum;
  for (const auto& [kind, count] : layers) sum = sum + count * layer_elements(model, plan, kind);
  return sum;
}

Elements matrix_elements_of(const Transformer& model, const TrainingPlan& plan, const std::vector<LayerCount>& layers) {
  Elements sum;
  for (const auto& [kind, count] : layers) sum = sum + count * layer_matrix_elements(model, plan, kind);
  return sum;
}

std::int64_t adapter_elements(const Transformer& model, const TrainingPlan& plan, const LayerKind& kind) {
  if (kind.mixer != Mixer::attention && kind.mixer != Mixer::latent_attention) return 0;
  const Share share = share_of(model, plan);
  return plan.adapter_rank * (2 * share.hidden + share.qkv + share.attended);
}

std::int64_t embedding_elements(const Transformer& model, const TrainingPlan& plan) {
  if (model.diffusion) return input_parameters(model);
  const std::int64_t rows = share_of(model, plan).vocabulary + (model.learned_positions ? model.context : 0);
  return rows * model.hidden + encoder_elements(model, plan);
}

std::int64_t trained_embedding_elements(const Transformer& model, const TrainingPlan& plan) {
  return embedding_elements(model, plan) - frozen_encoder_elements(model, plan);
}

std::int64_t head_elements(const Transformer& model, const TrainingPlan& plan) {
  if (model.diffusion) return output_parameters(model);
  const bool shared = model.tied_embeddings && !ends_apart(plan);
  const std::int64_t joins = model.predicted_ahead * (2 * model.hidden * model.hidden + 2 * model.norm_parameters());
  return model.norm_parameters() + joins + (shared ? 0 : share_of(model, plan).vocabulary * model.hidden);
}

}  // namespace plenum::workload
