// How much a serving deployment can take: a search over simulations for the highest rate that its objectives allow, and
// for the fewest replicas that carry a rate.
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

struct Capacity {
  std::vector<Objective> objectives;
  std::vector<CapacityPoint> points;  ///< of the deployment as written, by rate
  double highest = 0;                 ///< requests per second that hold; 0: none does
  CapacityPoint sized;                ///< for the rate asked for: the fewest replicas; no replicas when not asked
};

/// The first serving job of the scenario, with drawn requests, in an open loop. Each simulation runs in a process of
/// its own. Issues: no serving job, requests from a file, a scenario that does not bind.
Capacity find_capacity(scenario::Loaded, const std::vector<Objective>&, double wanted_per_second, Issues&);

std::string to_text(const Capacity&);
nlohmann::ordered_json to_json(const Capacity&);
/// Latency against throughput per GPU, a point per simulated rate (SVG).
std::string frontier_picture(const Capacity&);

}  // namespace plenum::analysis
