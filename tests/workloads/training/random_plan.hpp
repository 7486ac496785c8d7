// Random small models with plans that complete() accepts. Sizes are small enough that sums of operations stay whole in
// double precision.
#pragma once

#include <rapidcheck.h>

#include "workloads/training/plan.hpp"

namespace plenum::workload {

struct Case {
  Transformer model;
  TrainingPlan plan;
};

inline Transformer random_model(std::int64_t tensor) {
  const auto flag = [] { return *rc::gen::arbitrary<bool>(); };
  Transformer model;
  model.layers = *rc::gen::inRange<std::int64_t>(1, 14);
  model.kv_heads = tensor * *rc::gen::inRange<std::int64_t>(1, 3);
  model.heads = model.kv_heads * *rc::gen::inRange<std::int64_t>(1, 4);
  model.head_dim = *rc::gen::element<std::int64_t>(8, 16);
  model.hidden = 8 * *rc::gen::inRange<std::int64_t>(1, 12);
  model.ffn = 8 * tensor * *rc::gen::inRange<std::int64_t>(1, 12);
  model.vocabulary = *rc::gen::inRange<std::int64_t>(1, 3000);
  model.gated_mlp = flag();
  model.tied_embeddings = flag();
  model.learned_positions = flag();
  model.biases = flag();
  model.qk_norm = flag();
  model.norm = flag() ? Norm::layer_norm : Norm::rms_norm;
  return model;
}

inline TrainingPlan random_dimensions() {
  const auto flag = [] { return *rc::gen::arbitrary<bool>(); };
  TrainingPlan plan;
  plan.tensor_parallel = *rc::gen::element<std::int64_t>(1, 2, 4);
  plan.flash_attention = flag();
  plan.context_parallel = plan.flash_attention ? *rc::gen::element<std::int64_t>(1, 2, 3) : 1;
  plan.data_parallel = *rc::gen::inRange<std::int64_t>(1, 4);
  plan.micro_batch = *rc::gen::inRange<std::int64_t>(1, 4);
  plan.recompute = *rc::gen::element(Recompute::none, Recompute::selective, Recompute::full);
  plan.sharding = *rc::gen::element(Sharding::none, Sharding::optimizer, Sharding::gradients, Sharding::parameters);
  plan.precision =
      *rc::gen::element(Precision::bf16, Precision::fp16, Precision::fp8, Precision::mxfp8, Precision::nvfp4);
  plan.order = *rc::gen::element(RankOrder::tp_cp_dp_pp, RankOrder::tp_cp_pp_dp);
  plan.sequence_parallel = flag();
  plan.overlap_tensor = flag();
  plan.fused_kernels = flag();
  plan.dropout = flag();
  return plan;
}

inline Case random_case() {
  Case random{.model = {}, .plan = random_dimensions()};
  TrainingPlan& plan = random.plan;
  random.model = random_model(plan.tensor_parallel);
  plan.pipeline_parallel = *rc::gen::inRange<std::int64_t>(1, std::min<std::int64_t>(5, random.model.layers + 2));
  if (plan.pipeline_parallel > 1)
    plan.virtual_stages = *rc::gen::inRange<std::int64_t>(1, (random.model.layers + 2) / plan.pipeline_parallel + 1);
  plan.sequence_length = 2 * plan.context_parallel * plan.tensor_parallel * *rc::gen::inRange<std::int64_t>(1, 9);
  plan.global_batch =
      plan.micro_batch * plan.data_parallel * plan.pipeline_parallel * *rc::gen::inRange<std::int64_t>(1, 4);
  const auto problems = complete(plan, random.model, plan.ranks());
  for (const auto& [pointer, message] : problems) RC_FAIL(pointer + ": " + message);
  return random;
}

}  // namespace plenum::workload
