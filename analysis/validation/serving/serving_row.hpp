// What a row of the serving table describes, as a scenario.
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// The profile's name: engine and generation.
std::string serving_engine(const RowCells&);

/// A run of SemiAnalysisAI/InferenceX: its first wave of requests, which comes all at once, is in the means.
bool is_inference_x(const RowCells&);

/// Flags of a benchmark's server that a scenario doesn't state.
void set_server_flags(scenario::BoundServing&, const RowCells&);

/// Most sequences of an attention rank that the decode servers of a run of InferenceX with prefill and decode apart
/// were built for; 0: the engine's. `highest_concurrency`: of the runs of the same configuration.
std::int64_t decode_batch(const RowCells&, std::int64_t highest_concurrency);

/// Throws Unsupported with the reason where a row describes nothing that can be simulated.
scenario::Scenario serving_scenario(const RowCells&);

}  // namespace plenum::analysis
