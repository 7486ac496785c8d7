#include "workloads/serving/adapter_layers.hpp"

namespace plenum::workload {

/// Experts are not adapted: the dense path of a layer is, where there is one.
Bytes adapter_bytes(const Transformer& model, const ServingPlan& plan, std::int64_t rank) {
  const std::int64_t queries = model.heads * model.head_dim, keys = model.kv_heads * model.head_dim;
  const std::int64_t attention = 2 * (model.hidden + queries) + 2 * (model.hidden + keys);
  const std::int64_t mlp = model.experts ? 0 : (model.gated_mlp ? 3 : 2) * (model.hidden + model.ffn);
  return Bytes(2 * rank * (attention + mlp) * model.layers / plan.gpus());
}

std::int64_t adapter_kernels(const Transformer& model, const ServingPlan& plan) {
  const std::int64_t products = model.experts ? 2 : 4;
  return 2 * products * model.layers / plan.pipeline_parallel;
}

}  // namespace plenum::workload
