// Ranks by Zipf's law: rank k of n comes with a probability proportional to k^-s.
#pragma once

#include <cstdint>

#include "sim/core/random.hpp"

namespace plenum::workload {

/// Rejection-inversion: Hormann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
/// distributions", ACM TOMACS 6 (1996). Needs no table, so there may be any number of ranks.
class Zipf {
 public:
  Zipf(std::int64_t count, double exponent);  ///< exponent >= 0
  std::int64_t draw(RandomStream&) const;     ///< 0 ... count - 1

 private:
  double integral(double x) const;
  double inverse(double y) const;

  double count_, exponent_, low_, high_, shift_;
};

}  // namespace plenum::workload
