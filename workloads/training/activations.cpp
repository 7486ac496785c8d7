#include "workloads/training/activations.hpp"

#include <cmath>

#include "workloads/training/denoising_activations.hpp"
#include "workloads/training/encoder.hpp"
#include "workloads/training/quantization.hpp"
#include "workloads/training/recompute.hpp"
#include "workloads/training/share.hpp"

namespace plenum::workload {
namespace {

/// Korthikanti 2022, table 2, per part of the layer; s b h a t there are tokens, hidden, heads, tensor parallel here.
class LayerActivations {
 public:
  LayerActivations(const Transformer& model, const TrainingPlan& plan, const LayerKind& kind)
      : model_(model), plan_(plan), kind_(kind), share_(share_of(model, plan)) {}

  double checkpoint() const { return 2 * stream(); }
  double whole() const { return is_denoising(kind_.mixer) ? denoising().whole : mixer() + mlp(); }
  /// Of the whole, what is computed again in place of being kept.
  double computed_again(const RecomputeModules& again) const {
    const bool modules = plan_.recompute == Recompute::modules;
    if (is_denoising(kind_.mixer)) return modules ? denoising().modules : again.core_attn ? denoising().scores : 0;
    return (again.core_attn ? core() : 0) + (again.layernorm ? norm_outputs() : 0) +
           (again.mla_up_proj ? decompressed() : 0) + mlp_again(again);
  }

 private:
  DenoisingActivations denoising() const { return denoising_activations(model_, plan_, kind_.mixer); }

  double norm_outputs() const {
    return ((kind_.mixer != Mixer::none ? 1 : 0) + (kind_.mlp != Mlp::none ? 1 : 0)) * operand() * stream();
  }
  double mlp_again(const RecomputeModules& again) const {
    if (kind_.mlp == Mlp::experts) return experts_again(again);
    if (kind_.mlp != Mlp::dense) return 0;
    if (again.mlp) return mlp(share_.tokens, share_.up, share_.ffn);
    return again.mlp_act ? operand() * product(share_.tokens, share_.ffn) : 0;
  }
  double experts_again(const RecomputeModules& again) const {
    const double shared = mlp(share_.tokens, share_.shared_up, share_.shared_ffn);
    if (again.moe) return experts() + shared;
    const double shared_activation = again.mlp_act ? operand() * product(share_.tokens, share_.shared_ffn) : 0;
    return (again.moe_act ? operand() * product(share_.experts.rows, share_.experts.ffn) : 0) +
           (again.shared_experts ? shared : shared_activation);
  }
  double decompressed() const {
    return kind_.mixer == Mixer::latent_attention ? 2 * product(share_.tokens, share_.qkv) : 0;
  }

  /// What the core keeps beside its input and output: statistics of the softmax, or all of it without a fused kernel;
  /// there its output, and with dropout its mask and what is left, too.
  double core() const {
    if (kind_.mixer == Mixer::none || kind_.mixer == Mixer::state_space) return 0;
    if (plan_.flash_attention) return 4 * product(share_.tokens, share_.heads);
    return product(share_.sequences * share_.heads, share_.length * share_.length) * (plan_.dropout ? 5 : 2);
  }

  static double product(std::int64_t a, std::int64_t b) { return static_cast<double>(a) * static_cast<double>(b); }
  double stream() const { return product(share_.resident, share_.hidden); }
  double operand() const { return kept_operand_bytes(plan_); }

  /// Input of the norm, and its output, which is the operand of the product behind it.
  double norm() const { return stream() * (2 + operand() + eager_norm()); }
  /// Behind a block only the input is kept.
  double post_norm() const { return model_.post_norms ? stream() * (2 + eager_norm()) : 0; }
  /// Per element: two tensors in fp32.
  double eager_norm() const { return !plan_.fused_kernels && model_.norm == Norm::rms_norm ? 8 : 0; }

  double around() const { return norm() + post_norm() + (plan_.dropout ? stream() : 0); }

  double mixer() const {
    switch (kind_.mixer) {
      case Mixer::attention:
        return around() + attention();
      case Mixer::cross_attention:
        return around() + attention() + image_keys();
      case Mixer::latent_attention:
        return around() + attention() + latents();
      case Mixer::state_space:
        return around() + state_space();
      default:
        return 0;
    }
  }

  double mlp() const {
    switch (kind_.mlp) {
      case Mlp::dense:
        return around() + mlp(share_.tokens, share_.up, share_.ffn);
      case Mlp::experts:
        return around() + experts() + mlp(share_.tokens, share_.shared_up, share_.shared_ffn);
      default:
        return 0;
    }
  }

  /// Instead of those that attention() has for the text's own tokens.
  double image_keys() const {
    const std::int64_t columns = 2 * share_.kv_heads * share_.head_dim;
    return 2 * (product(image_rows(model_, plan_), columns) - product(share_.tokens, columns));
  }

  /// Latent vectors before and after their norm.
  double latents() const {
    const LatentAttention& a = *model_.latent_attention;
    return (2 + operand()) * product(share_.tokens, a.query_rank + a.kv_rank);
  }

  /// What the scan reads, before and after the convolution, and what it gives, before and after the gated norm.
  double state_space() const {
    const StateSpace& s = share_.state_space;
    return 2 * product(share_.tokens, s.projected() + s.convolved()) +
           (2 + operand()) * product(share_.tokens, s.inner());
  }

  /// Scores in fp32, the sorted rows and their way through the products.
  double experts() const {
    const ExpertShare& e = share_.experts;
    return 4 * product(share_.resident, model_.experts->count) + operand() * product(e.rows, e.width) +
           mlp(e.rows, e.up, e.ffn);
  }

  double attention() const {
    const double attended = product(share_.tokens, share_.attended);
    const double quantized_copy = operand() < 2 ? operand() * attended : 0;
    return 2 * product(share_.tokens, share_.qkv) + 2 * attended + quantized_copy + core();
  }

  double mlp(std::int64_t rows, std::int64_t up, std::int64_t ffn) const {
    const bool eager_gate = !plan_.fused_kernels && model_.gated_mlp;  // keeps the activated half as well
    return product(rows, 2 * up) + product(rows, ffn) * (operand() + (eager_gate ? 2 : 0));
  }

  const Transformer& model_;
  const TrainingPlan& plan_;
  const LayerKind kind_;
  const Share share_;
};

Bytes bytes(double value) { return Bytes(std::llround(value)); }

}  // namespace

Bytes layer_activations(const Transformer& model, const TrainingPlan& plan, const LayerKind& kind) {
  const LayerActivations layer(model, plan, kind);
  if (plan.recompute == Recompute::full) return bytes(layer.checkpoint());
  return bytes(layer.whole() - layer.computed_again(recomputed_modules(plan)));
}

Bytes whole_layer_activations(const Transformer& model, const TrainingPlan& plan, const LayerKind& kind) {
  return bytes(LayerActivations(model, plan, kind).whole());
}

Bytes embedding_activations(const Transformer& model, const TrainingPlan& plan) {
  const Share share = share_of(model, plan);
  return Bytes(plan.dropout ? share.resident * share.hidden : 0) + encoder_activations(model, plan);
}

/// Inputs of the last norm and of the head, probabilities in fp32.
Bytes head_activations(const Transformer& model, const TrainingPlan& plan) {
  const Share share = share_of(model, plan);
  return Bytes(4 * share.resident * share.hidden + 4 * share.tokens * share.vocabulary);
}

Bytes head_gradient(const Transformer& model, const TrainingPlan& plan) {
  const Share share = share_of(model, plan);
  return Bytes(2 * share.tokens * share.vocabulary);
}

}  // namespace plenum::workload
