// No two GPUs are equally fast: under a power limit each settles at its own clocks, and a synchronous group goes at the
// pace of its slowest member.
#pragma once

#include <cstdint>

namespace plenum::calibration {

/// Standard deviation of the speed of compute-bound kernels among healthy GPUs of one type, relative. Published ranges over
/// whole clusters are 8 % on average between the fastest and the slowest (Sinha et al., "Not All GPUs Are Created Equal",
/// SC 2022, arXiv 2208.11035), which is about three standard deviations.
inline constexpr double speed_deviation = 0.025;

/// Expected relative excess time of the slowest of `gpus` over the mean one: the deviation times Blom's approximation of the
/// largest of n normal order statistics.
double slowest_excess(std::int64_t gpus);

}  // namespace plenum::calibration
