#include "analysis/serving_capacity.hpp"

#include <algorithm>

#include "analysis/rate_search.hpp"

namespace plenum::analysis {
namespace {

/// What the search can vary: one job, whose requests come at any rate.
bool check_searchable(const scenario::Scenario& scenario, Issues& issues) {
  const auto& jobs = scenario.jobs;
  if (jobs.size() != 1 || !jobs.front().serving)
    issues.error({}, "/jobs", "a capacity is that of one serving job; this scenario has something else");
  else if (!jobs.front().serving->requests.file.empty())
    issues.error({}, "/jobs/0/serving/requests/file",
                 "a capacity is searched with drawn requests, not with those of a file");
  return !issues.has_errors();
}

/// The plan as written with every tensor parallelism that a node holds; what else is written stays.
std::vector<workload::ServingPlan> candidates(const workload::ServingPlan& written, std::int64_t node_gpus) {
  std::vector<workload::ServingPlan> plans;
  for (std::int64_t tensor = 1; tensor <= node_gpus; tensor *= 2) {
    plans.push_back(written);
    plans.back().tensor_parallel = tensor;
  }
  if (std::ranges::find(plans, written.tensor_parallel, &workload::ServingPlan::tensor_parallel) == plans.end())
    plans.push_back(written);
  return plans;
}

PlanCapacity as_written(const scenario::Loaded& loaded, const std::vector<Objective>& objectives, Issues& issues) {
  PlanCapacity plan{loaded.scenario.jobs.front().serving->plan};
  RateSearch(loaded, objectives, issues).find_highest(plan);
  return plan;
}

PlanCapacity sized(const scenario::Loaded& loaded, const workload::ServingPlan& with,
                   const std::vector<Objective>& objectives, double wanted, Issues& issues) {
  PlanCapacity plan{with};
  RateSearch search(loaded, objectives, issues);
  search.set_plan(with);
  search.resize(1);
  plan.refusal = search.refusal();
  if (!plan.refusal.empty()) return plan;
  search.find_highest(plan);
  if (plan.highest > 0) plan.sized = search.sized_for(wanted, plan.highest);
  return plan;
}

}  // namespace

const PlanCapacity* Capacity::best() const {
  const PlanCapacity* best = nullptr;
  for (const auto& plan : plans) {
    if (wanted > 0 ? plan.sized.replicas == 0 : plan.highest == 0) continue;
    if (!best || plan.sized.gpus < best->sized.gpus) best = &plan;
  }
  return best;
}

Capacity find_capacity(scenario::Loaded loaded, const std::vector<Objective>& objectives, double wanted,
                       Issues& issues) {
  Capacity capacity{.objectives = objectives, .wanted = wanted, .plans = {}};
  if (!check_searchable(loaded.scenario, issues) || !scenario::bind(loaded, issues)) return capacity;
  if (wanted <= 0) {
    capacity.plans.push_back(as_written(loaded, objectives, issues));
    return capacity;
  }
  const auto& written = loaded.scenario.jobs.front().serving->plan;
  for (const auto& plan : candidates(written, loaded.scenario.cluster.node.gpus))
    if (!issues.has_errors()) capacity.plans.push_back(sized(loaded, plan, objectives, wanted, issues));
  return capacity;
}

}  // namespace plenum::analysis
