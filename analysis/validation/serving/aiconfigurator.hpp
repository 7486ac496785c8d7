// Rows of the serving table that ai-dynamo/aiconfigurator measured itself: how its generator starts servers
// (src/aiconfigurator/generator/rule_plugin/benchmark) and its benchmark asks them (src/aiconfigurator/eval). Two
// sweeps: prompts are thousands of tokens in one, powers of two in the other.
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// How the row's prompts and outputs of one length are asked. Precondition: the row is not one of InferenceX.
workload::RequestSpecification aiconfigurator_requests(const RowCells&);

/// Flags of the server that only an engine's profile states, for the same rows.
void set_generated_flags(workload::EngineProfile&, const RowCells&);

}  // namespace plenum::analysis
