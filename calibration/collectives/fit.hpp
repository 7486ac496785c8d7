// Curves from measured collectives. Deterministic; the objective is the mean absolute logarithm of predicted over
// measured, so that an outlier pulls no harder than any other row.
#pragma once

#include <optional>
#include <span>

#include "calibration/collectives/timing.hpp"

namespace plenum::calibration {

struct CollectiveSample {
  Situation situation;
  CollectiveKind kind = CollectiveKind::all_reduce;
  std::optional<CollectiveAlgorithm> algorithm;  ///< where the publication forced one
  Bytes bytes{};
  Seconds measured{};
};

Curves fit_curves(std::span<const CollectiveSample>);

/// Predicted / measured - 1, by the closed form.
double error_of(const CollectiveSample&, const Curves&);

}  // namespace plenum::calibration
