// What an application's result means: where requests wait, what users see, what a request costs. Pure functions.
#pragma once

#include "analysis/serving_metrics.hpp"
#include "analysis/stage_load.hpp"

namespace plenum::analysis {

struct StageMetrics {
  std::string name;
  Distribution time;                            ///< seconds of a passage
  double passages = 0, calls = 0;               ///< per request
  double prompt_tokens = 0, output_tokens = 0;  ///< per request
  double waited_share = 0;                      ///< of the time of all requests; those of all stages sum to one
  StageLoad load{};
};

struct RequestCost {
  std::string basis;
  Dollars per_request{};  ///< of those that were completed
};

struct ApplicationMetrics {
  std::string job;
  std::size_t requests = 0, refused = 0, blocked = 0;  ///< refused: by a model, as too long or turned away
  double requests_per_second = 0;                      ///< completed, over the whole run
  double calls = 0;                                    ///< of models, per request
  Distribution time_to_first_token, end_to_end;        ///< seconds, of completed requests
  Distribution context;                                ///< tokens at the end, of completed requests
  double offered_per_second = 0;                       ///< open loop; 0: none
  double good = 0;                                     ///< part of requests within the service level; 1 without one
  double goodput_per_second = 0;
  std::vector<StageMetrics> stages;
  std::vector<RequestCost> costs;  ///< of the serving jobs' GPUs, by the tokens that it sent there; hosts cost nothing
};

/// `serving`: those of the scenario's serving jobs, in their order.
ApplicationMetrics measure(const scenario::BoundApplication&, const datacenter::ApplicationResult&,
                           const std::vector<ServingMetrics>& serving);

}  // namespace plenum::analysis
