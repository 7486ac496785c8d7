// What tables share that simulate a scenario per row: the row's scenario bound, or the reason why that can't be.
#pragma once

#include <functional>
#include <memory>

#include "analysis/validation/row_cells.hpp"
#include "analysis/validation/validation.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// The DGX preset of the row's "gpu" with its "n_gpus". Throws Unsupported where there is none.
topology::ClusterSpecification preset_cluster_of(const RowCells&);

/// Throws Unsupported where the scenario is refused.
std::unique_ptr<scenario::Bound> bound_or_unsupported(scenario::Scenario);

/// Calls `predict`; what it throws becomes the reason.
Prediction predicted_or_reason(const std::function<Prediction()>& predict);

}  // namespace plenum::analysis
