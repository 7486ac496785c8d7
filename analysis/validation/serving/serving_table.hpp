// Table of published serving runs: time to first token and time per output token at a concurrency, aggregated or with
// prefill and decode apart. Columns: analysis/measurements/README.md.
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "analysis/validation/validation.hpp"
#include "workloads/serving/engine_profile.hpp"

namespace plenum::analysis {

TableKind serving_table();

/// A row's prediction by an engine that `adjust` may have changed.
Prediction predict_serving(const CsvTable&, const CsvTable::Row&,
                           const std::function<void(workload::EngineProfile&)>& adjust);

/// "fitted" or "checked", see part_of: a model on a system with an engine.
std::string_view serving_part(const RowCells&);

}  // namespace plenum::analysis
