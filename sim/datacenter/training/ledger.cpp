#include "sim/datacenter/training/ledger.hpp"

#include <numeric>

namespace plenum::datacenter {

void Ledger::charge(const Breakdown& weights, Seconds until) {
  if (until <= cursor_) return;
  const Seconds whole = std::accumulate(weights.begin(), weights.end(), Seconds(0));
  const double scale = (until - cursor_) / whole;
  for (std::size_t part = 0; part < part_count; ++part) parts_[part] += weights[part] * scale;
  cursor_ = until;
}

}  // namespace plenum::datacenter
