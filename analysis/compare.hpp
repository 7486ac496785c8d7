// Two result files side by side.
#pragma once

#include <string>
#include <vector>

#include "sim/core/json.hpp"

namespace plenum::analysis {

struct Change {
  std::string job, quantity;  ///< as in the result's JSON
  bool judged = true;         ///< by gates; parts of a step are shown only
  double before = 0, after = 0;
  double relative() const;  ///< after / before - 1; 0 when both are zero, infinite when only `before` is
};

/// What people compare of each job (matched by name): of training rates, memory, cost, energy and every part of the
/// step; of serving and applications times, rates, energy and cost. Issues for files that are no results of `plenum
/// run`, for jobs that only one of them has, and for jobs that are training in one and serving in the other.
std::vector<Change> compare(const json::Value& before, const json::Value& after, Issues&);

std::string to_text(const std::vector<Change>&);

/// The judged quantity that changed most, in proportion; null when there is none.
const Change* largest_change(const std::vector<Change>&);

}  // namespace plenum::analysis
