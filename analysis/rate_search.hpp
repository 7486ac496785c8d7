// Simulations of one deployment at rates that a search asks for, each in a process of its own.
#pragma once

#include "analysis/serving_capacity.hpp"

namespace plenum::analysis {

class RateSearch {
 public:
  /// Precondition: the scenario's only job serves drawn requests.
  RateSearch(scenario::Loaded, const std::vector<Objective>&, Issues&);

  void set_plan(const workload::ServingPlan&);
  /// So many replicas (with prefill replicas in the ratio written), on as many nodes as they need.
  void resize(std::int64_t replicas);
  /// The deployment, or nothing with issues.
  std::unique_ptr<scenario::Bound> bound(Issues& issues) const { return scenario::bind(loaded_, issues); }
  /// Why the deployment can't be built; empty when it can.
  std::string refusal() const;

  CapacityPoint at(double per_second);
  /// With as many replicas as so many GPUs hold; no replicas when they hold none.
  CapacityPoint within(double per_second, std::int64_t gpus);
  /// Fills in the points and the highest rate, to two percent.
  void find_highest(PlanCapacity&);
  /// As many replicas as one that takes `highest` says, then more until it holds; no replicas when no number does.
  CapacityPoint sized_for(double per_second, double highest_of_one);

 private:
  scenario::ServingJob& serving() { return *loaded_.scenario.jobs.front().serving; }
  std::string simulate() const;
  bool tried(PlanCapacity&, double rate);
  std::int64_t prefill_replicas(std::int64_t replicas) const;
  std::int64_t gpus_of(std::int64_t replicas);

  scenario::Loaded loaded_;
  const std::vector<Objective>& objectives_;
  Issues& issues_;
  double prefill_per_replica_ = 0;
};

}  // namespace plenum::analysis
