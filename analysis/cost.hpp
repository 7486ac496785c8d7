// What a training step costs, rented or owned.
#pragma once

#include <vector>

#include "analysis/metrics.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

struct StepUse {
  Seconds step{};
  std::int64_t gpus = 0;
  double tokens = 0;      ///< per step
  double run_tokens = 0;  ///< of the whole run; 0: not priced
  Joules energy{};        ///< per step, with cooling
};

/// One entry per way to pay that the scenario names: rent per GPU, rent per instance, ownership.
std::vector<Cost> costs(const scenario::Economy&, const StepUse&);

}  // namespace plenum::analysis
