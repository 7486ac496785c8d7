// How much a serving deployment can take, and what a rate needs: a search over simulations for the highest rate that
// the objectives allow, under every plan that the cluster's nodes hold, and for the fewest GPUs that carry a rate.
// Plans beyond tensor parallelism are searched only where they carry it on fewer GPUs than the best one so far, and
// other pipelines than the one written only where nothing else carries it: throughput of the published ones (30 rows of
// serving_throughput_public.csv) is predicted with a median error of 33 %.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "analysis/service_objective.hpp"

namespace plenum::analysis {

/// One simulation of the search.
struct CapacityPoint {
  double per_second = 0;  ///< offered
  std::int64_t replicas = 0, gpus = 0;
  bool holds = false;
  std::vector<Seconds> values{};  ///< by objective
  double output_tokens_per_second_per_gpu = 0;
  double output_tokens_per_second_per_user = 0;
  std::vector<TokenCost> costs{};
};

/// How a replica is spread, and what a deployment of such replicas can take.
struct PlanCapacity {
  workload::ServingPlan plan;
  std::string refusal{};                ///< why this plan serves nothing; empty when it does
  std::vector<CapacityPoint> points{};  ///< of the deployment as written, or of one replica, by rate
  double highest = 0;                   ///< requests per second that hold; 0: none does
  CapacityPoint sized{};    ///< for the rate asked for: the fewest replicas; no replicas when not asked or out of reach
  std::int64_t not_on = 0;  ///< GPUs that don't carry the rate so: ruled out by that alone; 0: searched
};

struct Capacity {
  std::vector<Objective> objectives;
  double wanted = 0;                ///< requests per second; 0: not asked
  std::vector<PlanCapacity> plans;  ///< the one as written, or with a rate every one that was tried

  /// The plan that carries the rate on the fewest GPUs, or without a rate the only one; nothing when none does.
  const PlanCapacity* best() const;
};

/// The only job of the scenario, a serving one with drawn requests, in an open loop. Each simulation runs in a process
/// of its own. The plan as written need not fit where others are searched. Issues: something else than that, a scenario
/// that does not bind.
Capacity find_capacity(scenario::Loaded, const std::vector<Objective>&, double wanted_per_second, Issues&);

/// "tensor 2, pipeline 4"
std::string plan_name(const workload::ServingPlan&);
std::string to_text(const Capacity&);
nlohmann::ordered_json to_json(const Capacity&);
/// Two charts (SVG): the first objective's latency against throughput per GPU, and cost against that latency; a line
/// per plan, a dot per simulated rate.
std::string frontier_picture(const Capacity&);

}  // namespace plenum::analysis
