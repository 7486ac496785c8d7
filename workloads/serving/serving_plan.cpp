#include "workloads/serving/serving_plan.hpp"

#include <fmt/format.h>

#include <array>

namespace plenum::workload {

std::span<const std::string_view> names_of(AttentionInputs) {
  static constexpr std::array<std::string_view, 3> names{"as_others", "bf16", "fp8_queries"};
  return names;
}

Precision ServingPlan::attention_input() const {
  return attention_inputs == AttentionInputs::as_others ? precision : Precision::bf16;
}

Precision ServingPlan::latent_queries() const {
  return attention_inputs == AttentionInputs::fp8_queries ? Precision::fp8_block : attention_input();
}

void describe(Fields& fields, ServingPlan& plan) {
  const Range degree = between(1, 1 << 16);
  fields.optional("tensor_parallel", plan.tensor_parallel, "GPUs that share each matrix", degree);
  fields.optional("pipeline_parallel", plan.pipeline_parallel, "Stages of layers", degree);
  fields.optional("attention_data_parallel", plan.attention_data_parallel,
                  "Ranks with requests of their own that share the experts", degree);
  fields.optional("expert_parallel", plan.expert_parallel, "Ranks over which experts are spread", degree);
  fields.optional("precision", plan.precision, "Number format of linear layers");
  fields.optional(
      "attention_inputs", plan.attention_inputs,
      "Number format of the matrices that make queries, keys and values: that of the others (`precision`), bf16, or "
      "bf16 and block-scaled FP8 for what widens compressed queries");
  fields.optional("expert_precision", plan.expert_precision, "Number format of experts");
  fields.optional("kv_cache", plan.kv_cache, "Number format of the KV cache");
  fields.optional("state", plan.state, "Number format in which state-space layers keep their states");
}

std::vector<std::pair<std::string, std::string>> check(const ServingPlan& plan, const Transformer& model) {
  std::vector<std::pair<std::string, std::string>> problems;
  if (model.heads % plan.tensor_parallel != 0)
    problems.emplace_back("/tensor_parallel",
                          fmt::format("{} does not divide the model's {} heads", plan.tensor_parallel, model.heads));
  if (plan.pipeline_parallel > model.layers)
    problems.emplace_back("/pipeline_parallel",
                          fmt::format("{} stages, but only {} layers", plan.pipeline_parallel, model.layers));
  if (plan.stage_gpus() % plan.expert_parallel != 0)
    problems.emplace_back("/expert_parallel", fmt::format("{} does not divide the stage's {} GPUs",
                                                          plan.expert_parallel, plan.stage_gpus()));
  return problems;
}

}  // namespace plenum::workload
