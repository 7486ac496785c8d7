#include "workloads/training/flops.hpp"

#include "workloads/training/attention_core.hpp"

namespace plenum::workload {
namespace {

double tokens_of(const TrainingPlan& plan) {
  return static_cast<double>(plan.global_batch) * static_cast<double>(plan.sequence_length);
}

/// One forward pass over a token: two products of the whole sequence with a head's width, in every layer.
double attention_forward(const Transformer& model, const TrainingPlan& plan) {
  return 4.0 * static_cast<double>(model.layers * model.heads * model.head_dim) *
         static_cast<double>(plan.sequence_length);
}

double matrices_forward(const Transformer& model) { return 2.0 * static_cast<double>(layer_matrix_parameters(model)); }

}  // namespace

std::int64_t layer_matrix_parameters(const Transformer& m) {
  const std::int64_t attention = m.hidden * m.head_dim * (2 * m.heads + 2 * m.kv_heads);
  return m.layers * (attention + m.hidden * m.ffn * (m.gated_mlp ? 3 : 2));
}

Flops model_flops(const Transformer& model, const TrainingPlan& plan) {
  const double head_forward = 2.0 * static_cast<double>(model.hidden * model.vocabulary);
  return Flops(3 * tokens_of(plan) * (matrices_forward(model) + head_forward + attention_forward(model, plan)));
}

Flops hardware_flops(const Transformer& model, const TrainingPlan& plan) {
  double again = 0;
  if (plan.recompute == Recompute::full) again = matrices_forward(model) + attention_forward(model, plan);
  if (recomputes_core(plan)) again = attention_forward(model, plan);
  return model_flops(model, plan) + Flops(tokens_of(plan) * again);
}

}  // namespace plenum::workload
