// Rows of the serving table that ai-dynamo/aiconfigurator measured itself: how its benchmark asks servers
// (src/aiconfigurator/eval). Two sweeps: prompts are thousands of tokens in one, powers of two in the other.
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// How the row's prompts and outputs of one length are asked. Precondition: the row is not one of InferenceX.
workload::RequestSpecification aiconfigurator_requests(const RowCells&);

}  // namespace plenum::analysis
