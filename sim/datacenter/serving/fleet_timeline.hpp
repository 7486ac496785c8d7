// The fleet over time, in a bounded number of samples: when they become too many, every second one goes and the time
// between them doubles.
#pragma once

#include <functional>
#include <vector>

#include "sim/datacenter/serving/serving_result.hpp"
#include "sim/engine/engine.hpp"

namespace plenum::datacenter {

class FleetTimeline {
 public:
  /// `sample` says how the fleet stands, `over` that there is nothing left to see.
  FleetTimeline(engine::Engine&, std::function<FleetSample()> sample, std::function<bool()> over);

  void begin() { take(); }
  std::vector<FleetSample> samples() && { return std::move(samples_); }

 private:
  void take();
  void thin();

  engine::Engine& engine_;
  std::function<FleetSample()> sample_;
  std::function<bool()> over_;
  Seconds interval_{1.0 / 16};
  std::vector<FleetSample> samples_;
};

}  // namespace plenum::datacenter
