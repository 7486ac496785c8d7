// All-reduce of serving frameworks inside an NVLink domain: their own kernels for small messages, NCCL beyond. Times as
// measured (calibration/measurements/in_node_all_reduce.csv.zst), interpolated in the logarithm of bytes.
#pragma once

#include <cstdint>

#include "calibration/device.hpp"

namespace plenum::calibration {

/// `part` of an all-reduce's time: 1, or 1/2 for an all-gather or a reduce-scatter, whose traffic is half of it. Ranks
/// between those measured (2, 4, 8) take the next larger; above, the last one. A device that was not measured takes the
/// times of the one it inherits from, else of its architecture's.
Estimate in_node_collective(const Device&, Framework, double part, std::int64_t ranks, Bytes);

}  // namespace plenum::calibration
