// Table of TensorRT-LLM's published offline throughput (trtllm-bench): all requests at once, output tokens per second.
// Columns: analysis/measurements/README.md.
#pragma once

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

TableKind serving_throughput_table();

}  // namespace plenum::analysis
