// What a serving result means: latencies as users feel them, rates, goodput, energy and money. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "sim/datacenter/result.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// Of a quantity over requests; percentiles by nearest rank. Zeros when there was none.
struct Distribution {
  std::size_t count = 0;
  double mean = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0, max = 0;
};
Distribution distribution(std::vector<double> values);

struct TokenCost {
  std::string basis;
  Dollars per_million_tokens{};         ///< of prompts and outputs together
  Dollars per_million_output_tokens{};  ///< when outputs pay for everything
  Dollars input{}, output{};            ///< per million, each by the GPU time that it took
};

/// Of the requests of one class of users.
struct ClassMetrics {
  std::string name;
  std::size_t requests = 0, turned_away = 0;
  Distribution time_to_first_token, time_per_output_token;
  double good = 0;
};

struct ServingMetrics {
  std::string job;
  std::size_t requests = 0, refused = 0, turned_away = 0;  ///< refused: the turned away included
  double requests_per_second = 0;                          ///< done, over the whole run
  double offered_per_second = 0;                           ///< open loop: over the time of arrivals; 0 in a closed one
  double output_tokens_per_second = 0, prompt_tokens_per_second = 0;
  double output_tokens_per_second_per_gpu = 0;
  double output_tokens_per_second_per_user = 0;                         ///< 1 / mean time per output token
  Distribution time_to_first_token, time_per_output_token, end_to_end;  ///< seconds, by request
  Distribution inter_token;                                             ///< seconds, by token
  double good = 0;                ///< part of requests within the service level; 1 without one
  double goodput_per_second = 0;  ///< good requests
  bool sustained = true;          ///< open loop: the queue did not grow with the run
  double utilization = 0;         ///< part of the run that replicas were in a step
  double mean_batch = 0;          ///< running sequences, over busy time
  double peak_kv_use = 0;
  std::uint64_t preemptions = 0;
  datacenter::PrefixHits prefix_hits;
  std::vector<std::int64_t> prefix_tier_tokens;  ///< read back, by tier of the job's prefix caching
  std::vector<ClassMetrics> classes;
  std::int64_t gpus = 0;
  double mean_gpus = 0;  ///< paid for; less than `gpus` with autoscaling
  Watts power{};         ///< of the job's nodes, with cooling
  Joules energy_per_output_token{};
  std::vector<TokenCost> costs;
  calibration::Footing footing = calibration::Footing::measured;
};

ServingMetrics measure(const scenario::Bound&, const scenario::BoundServing&, const datacenter::ServingResult&);

}  // namespace plenum::analysis
