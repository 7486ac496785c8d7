#include "analysis/plan_candidates.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace plenum::analysis {
namespace {

auto degrees(const workload::ServingPlan& plan) {
  return std::tuple(plan.gpus(), plan.pipeline_parallel, plan.attention_data_parallel, plan.expert_parallel);
}

bool is_among(const ServingPlans& plans, const workload::ServingPlan& plan) {
  return std::ranges::any_of(plans, [&](const auto& other) { return degrees(other) == degrees(plan); });
}

/// Experts of a stage: each split over its GPUs, or spread over them.
void add_with_experts(const workload::ServingPlan& plan, const workload::Transformer& model, ServingPlans& plans) {
  for (const std::int64_t spread : {std::int64_t{1}, plan.stage_gpus()}) {
    workload::ServingPlan with = plan;
    with.expert_parallel = spread;
    if (spread > 1 && (!model.experts || model.experts->count % spread != 0)) continue;
    if (workload::check(with, model).empty() && !is_among(plans, with)) plans.push_back(with);
  }
}

}  // namespace

ServingPlans plans_by_tensor(const workload::ServingPlan& written, std::int64_t node_gpus) {
  ServingPlans plans;
  for (std::int64_t tensor = 1; tensor <= node_gpus; tensor *= 2) {
    plans.push_back(written);
    plans.back().tensor_parallel = tensor;
  }
  if (std::ranges::find(plans, written.tensor_parallel, &workload::ServingPlan::tensor_parallel) == plans.end())
    plans.push_back(written);
  return plans;
}

ServingPlans other_plans(const workload::ServingPlan& written, const workload::Transformer& model,
                         std::int64_t node_gpus) {
  ServingPlans plans = plans_by_tensor(written, node_gpus);
  const auto known = static_cast<std::ptrdiff_t>(plans.size());
  const std::int64_t most_attention_ranks = model.experts ? node_gpus : 1;
  for (std::int64_t tensor = 1; tensor <= node_gpus; tensor *= 2)
    for (std::int64_t pipeline = 1; tensor * pipeline <= node_gpus; pipeline *= 2)
      for (std::int64_t ranks = 1; ranks <= most_attention_ranks && tensor * pipeline * ranks <= node_gpus;
           ranks *= 2) {
        workload::ServingPlan plan = written;
        plan.tensor_parallel = tensor;
        plan.pipeline_parallel = pipeline;
        plan.attention_data_parallel = ranks;
        add_with_experts(plan, model, plans);
      }
  plans.erase(plans.begin(), plans.begin() + known);
  std::ranges::stable_sort(
      plans, {}, [](const workload::ServingPlan& plan) { return std::pair(plan.pipeline_parallel > 1, plan.gpus()); });
  return plans;
}

}  // namespace plenum::analysis
