// What the tables of serving runs share: a row's scenario simulated.
#pragma once

#include <map>
#include <optional>

#include "analysis/serving_metrics.hpp"
#include "analysis/validation/row_prediction.hpp"

namespace plenum::analysis {

/// Of the first serving job, without its first `warm_up` requests. Throws Unsupported when a request is refused.
ServingMetrics simulated_metrics(const scenario::Bound&, std::int64_t warm_up = 0);

Prediction prediction_of(const ServingMetrics&, std::map<std::string, double> quantities);

/// A cell's number, `scale` times; nothing where it is empty or none.
std::optional<double> measured_cell(const RowCells&, std::string_view column, double scale);

}  // namespace plenum::analysis
