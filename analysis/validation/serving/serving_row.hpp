// What a row of the serving table describes, as a scenario.
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// A run of SemiAnalysisAI/InferenceX: its first wave of requests, which comes all at once, is in the means.
bool is_inference_x(const RowCells&);

/// Steps after which a benchmark's server looks for new requests (SGLang's scheduler-recv-interval).
std::int64_t receive_interval(const RowCells&);

/// Throws Unsupported with the reason where a row describes nothing that can be simulated.
scenario::Scenario serving_scenario(const RowCells&);

}  // namespace plenum::analysis
