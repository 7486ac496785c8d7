// Latencies that a scenario gives to its links, in the dependent hops of collectives: measured hops contain those of
// usual links, so only the difference counts.
#pragma once

#include <algorithm>

#include "calibration/collectives/timing.hpp"
#include "sim/datacenter/fabric.hpp"

namespace plenum::datacenter {

/// The timing of a collective whose flows take this way.
inline calibration::Timing over(const PathLatency& way, const calibration::Passes& passes, calibration::Timing timing) {
  const Seconds added =
      way.added_inside * (passes.hops - passes.network_hops) + way.added_between * passes.network_hops;
  timing.chain = std::max(Seconds{}, timing.chain + added);
  return timing;
}

}  // namespace plenum::datacenter
