// What a plan asks for that can't happen: fields that need another one, which is not there.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// Fields that change nothing in this plan, which is complete: pointer below the plan, message with what they need.
/// Nothing is said of fields at rest (false, 0, what is done anyway).
std::vector<std::pair<std::string, std::string>> without_effect(const TrainingPlan&, const Transformer&);

}  // namespace plenum::workload
