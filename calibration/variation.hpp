// No two GPUs are equally fast: under a power limit each settles at its own clocks, and a synchronous group goes at the
// pace of its slowest member.
#pragma once

#include <cstdint>
#include <optional>

namespace plenum::calibration {

/// Standard deviation of the speed of compute-bound kernels among healthy GPUs of one type, relative. Published ranges
/// over whole clusters are 8 % on average between the fastest and the slowest (Sinha et al., "Not All GPUs Are Created
/// Equal", SC 2022, arXiv 2208.11035), which is about three standard deviations.
inline constexpr double speed_deviation = 0.025;

/// Which step is asked for: the mean one, or the one that so many are not slower than.
struct Variation {
  double jitter = 0;                    ///< relative standard deviation of a GPU's kernel times from step to step
  std::optional<double> probability{};  ///< in (0, 1)
};

/// Relative excess time of the slowest of `gpus` over the mean one: the deviation (of GPUs and of steps, independent of
/// each other) times the largest of n normal order statistics. Its mean by Blom's approximation; its quantile p is
/// where the normal distribution reaches p^(1/n).
double slowest_excess(std::int64_t gpus, const Variation& = {});

}  // namespace plenum::calibration
