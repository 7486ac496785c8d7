// Elements of a model, counted as its checkpoint holds them.
#include "workloads/diffusion/block.hpp"
#include "workloads/model.hpp"

namespace plenum::workload {
namespace {

std::int64_t attention_parameters(const Transformer& m) {
  const std::int64_t queries = m.heads * m.head_dim;
  const std::int64_t qkv_width = queries * (m.gated_attention ? 2 : 1) + 2 * m.kv_heads * m.head_dim;
  std::int64_t count = m.hidden * qkv_width + queries * m.hidden;
  if (m.biases) count += qkv_width + m.hidden;
  if (m.qkv_biases && !m.biases) count += qkv_width;
  if (m.qk_norm) count += (m.qk_norm_across_heads ? m.heads + m.kv_heads : 2) * m.head_dim;
  return count;
}

std::int64_t latent_attention_parameters(const Transformer& m) {
  const LatentAttention& a = *m.latent_attention;
  const std::int64_t queries = m.heads * a.query_dim();
  const std::int64_t query = a.query_rank > 0 ? a.query_rank * (m.hidden + 1 + queries) : m.hidden * queries;
  const std::int64_t latent = m.hidden * (a.kv_rank + a.position_dim) + a.kv_rank;
  return query + latent + a.kv_rank * m.heads * (a.content_dim + a.value_dim) + m.heads * a.value_dim * m.hidden;
}

/// Convolution with a bias, and per head a decay, a step's bias and a skip; a norm over the inner stream. DeltaNet has
/// no bias and no skip, and its norm is one head wide.
std::int64_t state_space_parameters(const Transformer& m) {
  const StateSpace& s = *m.state_space;
  const std::int64_t matrices = m.hidden * (s.projected() + s.inner());
  if (s.delta_rule) return matrices + s.convolved() * s.convolution + 2 * s.heads + s.head_dim;
  return matrices + s.convolved() * (s.convolution + 1) + 3 * s.heads + s.inner();
}

std::int64_t mixer_parameters(const Transformer& m, Mixer mixer) {
  switch (mixer) {
    case Mixer::attention:
      return attention_parameters(m);
    case Mixer::cross_attention:  // queries and keys are normalized, attention and MLP have a learned factor each
      return attention_parameters(m) + (m.qk_norm ? 0 : 2 * m.head_dim) + 2;
    case Mixer::latent_attention:
      return latent_attention_parameters(m);
    case Mixer::state_space:
      return state_space_parameters(m);
    default:
      return 0;
  }
}

std::int64_t matrices_of_mlp(const Transformer& m) { return m.gated_mlp ? 3 : 2; }

std::int64_t dense_parameters(const Transformer& m) {
  const std::int64_t up_width = m.ffn * (matrices_of_mlp(m) - 1);
  return m.hidden * (up_width + m.ffn) + (m.biases ? up_width + m.hidden : 0);
}

/// What every token goes through: router, projections to and from the latent width, shared experts.
std::int64_t common_expert_parameters(const Transformer& m) {
  const Experts& e = *m.experts;
  return m.hidden * e.count + (m.biases ? e.count : 0) + 2 * m.hidden * e.latent +
         matrices_of_mlp(m) * m.hidden * e.shared_ffn;
}

std::int64_t denoising_layer(const Transformer& m, Mixer mixer) {
  std::int64_t count = block_vectors(m, mixer);
  for (const BlockMatrix& matrix : block_matrices(m, mixer)) count += matrix.parameters();
  return count;
}

std::int64_t layer(const Transformer& m, const LayerKind& kind, std::int64_t experts) {
  if (is_denoising(kind.mixer)) return denoising_layer(m, kind.mixer);
  std::int64_t count = mixer_parameters(m, kind.mixer);
  if (kind.mixer != Mixer::none) count += m.norms_of_block() * m.norm_parameters();
  if (kind.mlp != Mlp::none) count += m.norms_of_block() * m.norm_parameters();
  if (kind.mlp == Mlp::dense) count += dense_parameters(m);
  if (kind.mlp == Mlp::experts) count += common_expert_parameters(m) + experts * m.expert_parameters();
  return count;
}

std::int64_t outside_of_layers(const Transformer& m) {
  const std::int64_t last_norm = m.diffusion ? 0 : m.norm_parameters();  // has no elements there
  return m.embedding_parameters() + m.head_parameters() + last_norm;
}

}  // namespace

std::int64_t Transformer::norm_parameters() const { return hidden * (norm == Norm::layer_norm && biases ? 2 : 1); }

std::int64_t Transformer::expert_parameters() const {
  const std::int64_t width = experts->latent > 0 ? experts->latent : hidden;
  const std::int64_t up_width = experts->ffn * (matrices_of_mlp(*this) - 1);
  return width * (up_width + experts->ffn) + (biases ? up_width + width : 0);
}

std::int64_t Transformer::layer_parameters(const LayerKind& kind) const {
  return layer(*this, kind, experts ? experts->count : 0);
}

std::int64_t Transformer::layer_active_parameters(const LayerKind& kind) const {
  return layer(*this, kind, experts ? experts->active : 0);
}

std::int64_t Transformer::embedding_parameters() const {
  if (diffusion) return input_parameters(*this);
  return hidden * (vocabulary + unpredicted_tokens + (learned_positions ? context : 0));
}

std::int64_t Transformer::head_parameters() const {
  if (diffusion) return output_parameters(*this);
  return tied_embeddings ? 0 : hidden * vocabulary;
}

std::int64_t Transformer::parameters() const {
  std::int64_t count = outside_of_layers(*this) + (vision ? vision_parameters(*vision) : 0);
  for (const auto& [kind, layers_of_kind] : layer_counts()) count += layers_of_kind * layer_parameters(kind);
  return count;
}

std::int64_t Transformer::active_parameters() const {
  std::int64_t count = outside_of_layers(*this);
  for (const auto& [kind, layers_of_kind] : layer_counts()) count += layers_of_kind * layer_active_parameters(kind);
  return count;
}

}  // namespace plenum::workload
