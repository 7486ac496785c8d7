// What the rows of TensorRT-LLM's performance page describe: a model on one replica, the engine's own checkpoints.
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// Until 0.19 the benchmarks ran compiled engines under the C++ runtime, since then models in PyTorch.
bool is_compiled(const RowCells&);

/// Cells `model`, `gpu`, `precision`, `tp`, `pp`; the requests are the caller's. Throws Unsupported.
scenario::Scenario benchmark_scenario(const RowCells&, workload::RequestSpecification);

}  // namespace plenum::analysis
