// Rows of the serving table that ai-dynamo/aiconfigurator measured itself: how its generator starts servers
// (src/aiconfigurator/generator: rule_plugin/benchmark, config/backend_templates) and how its benchmark asks them
// (src/aiconfigurator/eval). Two sweeps: prompts are thousands of tokens in one, powers of two in the other.
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// A run of the sweep in thousands: measured after a warm-up, from the burst on with which the rest begins.
bool is_in_thousands(const RowCells&);

/// How the row's prompts and outputs of one length are asked.
workload::RequestSpecification aiconfigurator_requests(const RowCells&);

/// Flags of the server that only an engine's profile states.
void set_generated_flags(workload::EngineProfile&, const RowCells&);

}  // namespace plenum::analysis
