// What the tables of serving runs share: a row's scenario simulated, or the reason why that can't be.
#pragma once

#include <functional>
#include <memory>

#include "analysis/serving_metrics.hpp"
#include "analysis/validation/row_cells.hpp"
#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

/// Throws Unsupported where the scenario is refused.
std::unique_ptr<scenario::Bound> bound_or_unsupported(scenario::Scenario);

/// Of the first serving job, without its first `warm_up` requests. Throws Unsupported when a request is refused.
ServingMetrics simulated_metrics(const scenario::Bound&, std::int64_t warm_up = 0);

Prediction prediction_of(const ServingMetrics&, std::map<std::string, double> quantities);

/// Calls `predict`; what it throws becomes the reason.
Prediction predicted_or_reason(const std::function<Prediction()>& predict);

/// A cell's number, `scale` times; nothing where it is empty or none.
std::optional<double> measured_cell(const RowCells&, std::string_view column, double scale);

}  // namespace plenum::analysis
