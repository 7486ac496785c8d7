// What a service promises, as people write it: "p99 ttft <= 1 s, mean tpot <= 50 ms".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/serving_metrics.hpp"
#include "sim/core/issue.hpp"

namespace plenum::analysis {

struct Objective {
  std::string text;       ///< as written
  std::string quantity;   ///< "ttft", "tpot", "itl", "e2e"
  std::string statistic;  ///< "mean", "p50", "p90", "p95", "p99", "max"
  Seconds limit{};
};

/// All parts of the text, or issues that say what is wrong with which.
std::vector<Objective> parse_objectives(std::string_view text, Issues&);

Seconds value_of(const Objective&, const ServingMetrics&);
/// Every objective holds, no request was refused, and the queue does not grow.
bool holds(const std::vector<Objective>&, const ServingMetrics&);

}  // namespace plenum::analysis
