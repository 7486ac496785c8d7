#include "analysis/serving_capacity.hpp"

#include <algorithm>

#include "analysis/plan_candidates.hpp"
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

/// As written or, where that plan does not fit, in the first of those searched that does; where none does, the issues
/// are those of the one written.
std::unique_ptr<scenario::Bound> bind_some_plan(const scenario::Loaded& loaded, Issues& issues) {
  Issues as_written, of_search;
  auto bound = scenario::bind(loaded, as_written);
  const std::vector<Objective> none;
  RateSearch search(loaded, none, of_search);
  for (const auto& plan :
       plans_by_tensor(loaded.scenario.jobs.front().serving->plan, loaded.scenario.cluster.node.gpus)) {
    if (bound) break;
    search.set_plan(plan);
    search.resize(1);
    Issues found;
    bound = search.bound(found);
    if (bound) as_written = std::move(found);
  }
  for (const auto& issue : as_written.all()) issues.add(issue);
  return bound;
}

PlanCapacity as_written(const scenario::Loaded& loaded, const std::vector<Objective>& objectives, Issues& issues) {
  PlanCapacity plan{.plan = loaded.scenario.jobs.front().serving->plan};
  RateSearch(loaded, objectives, issues).find_highest(plan);
  return plan;
}

PlanCapacity sized(const scenario::Loaded& loaded, const workload::ServingPlan& with,
                   const std::vector<Objective>& objectives, double wanted, Issues& issues) {
  PlanCapacity plan{.plan = with};
  RateSearch search(loaded, objectives, issues);
  search.set_plan(with);
  search.resize(1);
  plan.refusal = search.refusal();
  if (!plan.refusal.empty()) return plan;
  search.find_highest(plan);
  if (plan.highest > 0) plan.sized = search.sized_for(wanted, plan.highest);
  return plan;
}

/// Nothing of a plan that doesn't fit.
std::optional<PlanCapacity> improved(const scenario::Loaded& loaded, const workload::ServingPlan& with,
                                     const Capacity& so_far, Issues& issues) {
  RateSearch search(loaded, so_far.objectives, issues);
  search.set_plan(with);
  search.resize(1);
  if (!search.refusal().empty()) return std::nullopt;
  if (const auto* best = so_far.best()) {
    const std::int64_t fewer = best->sized.gpus - 1;
    if (!search.within(so_far.wanted, fewer).holds) return PlanCapacity{.plan = with, .not_on = fewer};
  }
  return sized(loaded, with, so_far.objectives, so_far.wanted, issues);
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
  if (!check_searchable(loaded.scenario, issues)) return capacity;
  const auto bound = wanted > 0 ? bind_some_plan(loaded, issues) : scenario::bind(loaded, issues);
  if (!bound) return capacity;
  if (wanted <= 0) {
    capacity.plans.push_back(as_written(loaded, objectives, issues));
    return capacity;
  }
  const auto& written = loaded.scenario.jobs.front().serving->plan;
  const std::int64_t node = loaded.scenario.cluster.node.gpus;
  for (const auto& plan : plans_by_tensor(written, node))
    if (!issues.has_errors()) capacity.plans.push_back(sized(loaded, plan, objectives, wanted, issues));
  for (const auto& plan : other_plans(written, bound->serving.front().model, node)) {
    if (issues.has_errors()) break;
    if (plan.pipeline_parallel != written.pipeline_parallel && capacity.best()) continue;
    if (auto better = improved(loaded, plan, capacity, issues)) capacity.plans.push_back(std::move(*better));
  }
  return capacity;
}

}  // namespace plenum::analysis
