// The frameworks' FP8 and FP4 layers were timed with the cast of their activations, which training does elsewhere
// (fused into the kernel before, or once for several products). The cast depends on the framework and on (m, k) alone,
// so it shows where n is small and the product itself is short.
#pragma once

#include "calibration/measurements.hpp"

namespace plenum::calibration {

/// Moves the cast of every quantized timing from `microseconds` to `cast`; timings without a narrow product of the same
/// (framework, m, k) are dropped. Held-out shapes are not looked at. `launch`: the shortest kernel, us.
void separate_casts(OpTables&, double launch);

}  // namespace plenum::calibration
