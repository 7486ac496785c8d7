// How long steps take when GPUs and steps are not all alike: the mean and percentiles of a training job.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sim/core/quantity.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::analysis {

struct StepDistribution {
  std::string job;
  Seconds mean{};
  std::vector<std::pair<double, Seconds>> percentiles;  ///< probability, step that so many are not slower than
};

/// The percentiles, each simulated in a process of its own: to be called before this one simulates. Varied are the
/// speeds of GPUs (calibration/variation.hpp) and, when the job states a jitter, those of steps; throws
/// std::runtime_error when a simulation fails.
std::vector<StepDistribution> step_distributions(const scenario::Bound&, const datacenter::Options&);
void add_means(std::vector<StepDistribution>&, const datacenter::Result&);

std::string to_text(const std::vector<StepDistribution>&);
nlohmann::ordered_json to_json(const StepDistribution&);

}  // namespace plenum::analysis
