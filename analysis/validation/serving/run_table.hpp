// Recorded runs of vLLM, every request with its times: the same requests through the same engine, simulated.
#pragma once

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

TableKind serving_run_table();

}  // namespace plenum::analysis
