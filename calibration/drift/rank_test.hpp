// Mann and Whitney's rank test: do the values of one sample tend to be larger than those of another? No assumption
// about how they are distributed, which timings need.
#pragma once

#include <vector>

namespace plenum::calibration {

/// Probability of a rank sum at least as favourable to "`later` is larger than `earlier`" if both came from one
/// distribution. Exact (by counting arrangements); ties count as half, rounded against the claim. Both samples hold 1
/// to 200 values.
double larger_by_chance(const std::vector<double>& earlier, const std::vector<double>& later);

}  // namespace plenum::calibration
