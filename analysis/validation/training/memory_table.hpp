// Measured step time and peak memory of short runs of a few layers.
#pragma once

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

/// `plenum validate training-memory`: the columns of analysis/measurements/training_memory_b200_public.csv.
/// Megatron-Core, bf16, distributed optimizer; memory is the peak of PyTorch's allocator, which sees tensors alone.
TableKind memory_table();

}  // namespace plenum::analysis
