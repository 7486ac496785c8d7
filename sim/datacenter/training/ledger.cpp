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

void Ledger::charge(Part communication, const KindWeights& weights, Seconds until) {
  if (until <= cursor_) return;
  const double whole = std::accumulate(weights.begin(), weights.end(), 0.0);
  KindTimes& kinds = exposed_[static_cast<std::size_t>(communication) - first_communication];
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) kinds[kind] += (until - cursor_) * (weights[kind] / whole);
  charge(communication, until);
}

}  // namespace plenum::datacenter
