#include "workloads/training/activations.hpp"

#include <cmath>

#include "workloads/training/attention_core.hpp"
#include "workloads/training/quantization.hpp"
#include "workloads/training/share.hpp"

namespace plenum::workload {
namespace {

/// Korthikanti 2022, table 2, per part of the layer; s b h a t there are tokens, hidden, heads, tensor parallel here.
class LayerActivations {
 public:
  LayerActivations(const Transformer& model, const TrainingPlan& plan)
      : model_(model), plan_(plan), share_(share_of(model, plan)) {}

  double checkpoint() const { return 2 * stream(); }
  double whole() const { return 2 * norm() + attention() + mlp() + (plan_.dropout ? 2 * stream() : 0); }
  double scores() const {
    if (plan_.flash_attention) return 0;
    // Output of the softmax; with dropout its mask and its output as well.
    const double elements = product(share_.sequences * share_.heads, share_.length * share_.length);
    return elements * (plan_.dropout ? 5 : 2);
  }

 private:
  static double product(std::int64_t a, std::int64_t b) { return static_cast<double>(a) * static_cast<double>(b); }
  double stream() const { return product(share_.resident, share_.hidden); }
  double operand() const { return operand_bytes(plan_.precision); }

  /// Input of the norm, and its output, which is the operand of the product behind it.
  double norm() const {
    const bool eager = !plan_.fused_kernels && model_.norm == Norm::rms_norm;  // keeps two tensors in fp32
    return stream() * (2 + operand() + (eager ? 8 : 0));
  }

  double attention() const {
    const double attended = product(share_.tokens, share_.attended);
    const double statistics = plan_.flash_attention ? 4 * product(share_.tokens, share_.heads) : 0;
    const double quantized_copy = is_quantized(plan_.precision) ? operand() * attended : 0;
    return 2 * product(share_.tokens, share_.qkv) + 2 * attended + quantized_copy + statistics + scores();
  }

  double mlp() const {
    const bool eager_gate = !plan_.fused_kernels && model_.gated_mlp;  // keeps the activated half as well
    return product(share_.tokens, 2 * share_.up) +
           product(share_.tokens, share_.ffn) * (operand() + (eager_gate ? 2 : 0));
  }

  const Transformer& model_;
  const TrainingPlan& plan_;
  const Share share_;
};

Bytes bytes(double value) { return Bytes(std::llround(value)); }

}  // namespace

Bytes layer_activations(const Transformer& model, const TrainingPlan& plan) {
  const LayerActivations layer(model, plan);
  if (plan.recompute == Recompute::full) return bytes(layer.checkpoint());
  return bytes(layer.whole() - (recomputes_core(plan) ? layer.scores() : 0));
}

Bytes whole_layer_activations(const Transformer& model, const TrainingPlan& plan) {
  return bytes(LayerActivations(model, plan).whole());
}

Bytes embedding_activations(const Transformer& model, const TrainingPlan& plan) {
  const Share share = share_of(model, plan);
  return Bytes(plan.dropout ? share.resident * share.hidden : 0);
}

/// Inputs of the last norm and of the head, probabilities in fp32, and their gradient in 16 bits.
Bytes head_activations(const Transformer& model, const TrainingPlan& plan) {
  const Share share = share_of(model, plan);
  return Bytes(4 * share.resident * share.hidden + (4 + 2) * share.tokens * share.vocabulary);
}

}  // namespace plenum::workload
