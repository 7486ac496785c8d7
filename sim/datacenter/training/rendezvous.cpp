#include "sim/datacenter/training/rendezvous.hpp"

#include <algorithm>

namespace plenum::datacenter {

Rendezvous::Rendezvous(engine::Engine& engine, FoldedFabric& fabric, std::uint32_t group_class,
                       std::vector<std::uint32_t> classes, GroupTiming timing)
    : engine_(engine),
      fabric_(fabric),
      group_class_(group_class),
      classes_(std::move(classes)),
      arrivals_(classes_.size(), 0),
      timing_(std::move(timing)) {}

void GroupWork::add(CollectiveKind kind, const GroupTiming::Collective& collective, double count) {
  parts.push_back({&collective, count});
  amount += collective.amount * count;
  bytes += collective.bytes * count;
  kinds[static_cast<std::size_t>(kind)] += collective.alone.value() * count;
}

Seconds GroupWork::total(Seconds flows) const {
  Seconds time;
  for (const auto& [collective, count] : parts)
    time += collective->timing.total(flows * (collective->amount / amount)) * count;
  return time;
}

Rendezvous::Collective& Rendezvous::arrive(std::uint32_t member, const GroupWork& work) {
  const auto place = std::find(classes_.begin(), classes_.end(), member) - classes_.begin();
  const std::size_t index = arrivals_[static_cast<std::size_t>(place)]++;
  if (index == collectives_.size()) collectives_.emplace_back();
  Collective& collective = collectives_[index];
  if (collective.work.amount < work.amount) collective.work = work;
  if (++collective.arrived == classes_.size()) begin(collective);
  return collective;
}

void Rendezvous::begin(Collective& collective) {
  collective.began = engine_.now();
  const double amount = collective.work.amount;
  fabric_.account(group_class_, collective.work.bytes - amount);
  fabric_.start(group_class_, amount, Seconds{}, [this, &collective] {
    const Seconds flows = engine_.now() - collective.began;
    engine_.after(collective.work.total(flows) - flows, [this, &collective] {
      collective.ended = engine_.now();
      collective.done.raise();
    });
  });
}

}  // namespace plenum::datacenter
