// Two result files side by side.
#pragma once

#include <string>
#include <vector>

#include "sim/core/json.hpp"

namespace plenum::analysis {

struct Change {
  std::string job, quantity;
  double before = 0, after = 0;
  double relative() const;  ///< after / before - 1; 0 when both are zero, infinite when only `before` is
};

/// What people compare of each job that both results hold (matched by name): rates, memory, energy, every part of the
/// step. Issues for files that are no results of `plenum run` or that share no job.
std::vector<Change> compare(const json::Value& before, const json::Value& after, Issues&);

std::string to_text(const std::vector<Change>&);

/// Largest absolute relative change of any job's step time.
double step_time_change(const std::vector<Change>&);

}  // namespace plenum::analysis
