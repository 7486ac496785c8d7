// The parallel plan of a row of the training table.
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "analysis/validation/training/plan_search.hpp"
#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::analysis {

/// As stated; what is not stated follows the software's generation. Without any plan: the fastest that fits. Throws
/// Unsupported when sizes are missing or unreadable.
workload::TrainingPlan plan_of(const RowCells&, const workload::Transformer&, const PlanPlace&);

/// tp and pp, or fsdp_shards, are stated.
bool states_plan(const RowCells&);

Precision precision_of(const RowCells&);

/// What the columns "precision" and "recompute" may contain.
std::vector<std::string_view> precision_words();
std::vector<std::string_view> recompute_words();

}  // namespace plenum::analysis
