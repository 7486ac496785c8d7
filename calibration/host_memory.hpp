// What host memory does for an optimizer that runs on the host's cores.
#pragma once

namespace plenum::calibration {

/// Part of the memory's bandwidth that Adam on the host reaches. ZeRO-Offload (arXiv 2101.06840, table 4): DeepSpeed's
/// CPU-Adam takes 0.22, 0.51, 1.03, 2.41 and 2.57 s for 1, 2, 4, 8 and 10 billion parameters on a DGX-2 (2 x 6 channels
/// of DDR4-2666: 256 GB/s), 30 bytes each: 0.53, 0.46, 0.46, 0.39 and 0.46 of it.
inline constexpr double host_adam_efficiency = 0.46;

}  // namespace plenum::calibration
