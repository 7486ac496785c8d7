#include "sim/datacenter/serving/autoscaler.hpp"

#include <algorithm>

namespace plenum::datacenter {

Autoscaler::Autoscaler(const scenario::Autoscaling& scaling, Bytes weights, engine::Engine& engine, Fleet fleet)
    : scaling_(scaling),
      load_(Seconds(static_cast<double>(weights.value()) / scaling.load_bandwidth.value()) + scaling.start),
      engine_(engine),
      fleet_(std::move(fleet)),
      serving_(std::min(scaling.fewest, fleet_.most)) {}

void Autoscaler::begin() {
  engine_.after(scaling_.interval, [this] { decide(); });
}

/// Fewer at once; more when they have loaded. Those that were taken out finish what they have.
void Autoscaler::decide() {
  const Seconds now = engine_.now();
  replica_seconds_ += (now - last_).value() * static_cast<double>(serving_ + loading_ + fleet_.draining(serving_));
  last_ = now;
  if (fleet_.over()) return;
  const std::int64_t each = scaling_.requests_per_replica;
  const std::int64_t wanted =
      std::clamp((fleet_.in_house() + each - 1) / each, std::min(scaling_.fewest, fleet_.most), fleet_.most);
  serving_ = std::min(serving_, wanted);
  for (; serving_ + loading_ < wanted; ++loading_)
    engine_.after(load_, [this] {
      --loading_;
      ++serving_;
    });
  begin();
}

}  // namespace plenum::datacenter
