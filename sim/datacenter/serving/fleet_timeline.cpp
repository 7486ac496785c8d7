#include "sim/datacenter/serving/fleet_timeline.hpp"

namespace plenum::datacenter {
namespace {

constexpr std::size_t most_samples = 1024;

}  // namespace

FleetTimeline::FleetTimeline(engine::Engine& engine, std::function<FleetSample()> sample, std::function<bool()> over)
    : engine_(engine), sample_(std::move(sample)), over_(std::move(over)) {}

void FleetTimeline::take() {
  samples_.push_back(sample_());
  if (over_()) return;
  if (samples_.size() == most_samples) thin();
  engine_.after(interval_, [this] { take(); });
}

void FleetTimeline::thin() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < samples_.size(); i += 2) samples_[kept++] = samples_[i];
  samples_.resize(kept);
  interval_ = 2 * interval_;
}

}  // namespace plenum::datacenter
