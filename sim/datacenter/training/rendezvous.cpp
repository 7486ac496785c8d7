#include "sim/datacenter/training/rendezvous.hpp"

#include <algorithm>

namespace plenum::datacenter {

Rendezvous::Rendezvous(engine::Engine& engine, FoldedFabric& fabric, std::uint32_t group_class,
                       std::vector<std::uint32_t> classes, Latency latency)
    : engine_(engine),
      fabric_(fabric),
      group_class_(group_class),
      classes_(std::move(classes)),
      arrivals_(classes_.size(), 0),
      latency_(std::move(latency)) {}

Seconds Rendezvous::closed_form(double bytes, double rings) const {
  if (rings <= 0) return Seconds(0);
  return latency_(bytes / rings) * rings + fabric_.exclusive_time(group_class_, bytes);
}

Rendezvous::Collective& Rendezvous::arrive(std::uint32_t member, double bytes, double rings) {
  const auto place = std::find(classes_.begin(), classes_.end(), member) - classes_.begin();
  const std::size_t index = arrivals_[static_cast<std::size_t>(place)]++;
  if (index == collectives_.size()) collectives_.emplace_back();
  Collective& collective = collectives_[index];
  collective.bytes = std::max(collective.bytes, bytes);
  if (++collective.arrived == classes_.size()) {
    collective.began = engine_.now();
    fabric_.start(group_class_, collective.bytes, latency_(bytes / rings) * rings, [this, &collective] {
      collective.ended = engine_.now();
      collective.done.raise();
    });
  }
  return collective;
}

}  // namespace plenum::datacenter
