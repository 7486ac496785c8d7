// Runs a bound scenario in simulated time, in this process. One simulation per process (see sim/engine/engine.hpp).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>

#include "sim/datacenter/result.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::datacenter {

/// How far something is: `done` of `of` pieces.
struct Advance {
  std::size_t done = 0, of = 0;
};

struct Options {
  bool fold = true;
  bool timeline = false;
  std::uint64_t seed = 0;
  /// Called now and then, for people: passes of training, requests and pictures of serving that are done.
  std::function<void(Advance)> progress{};
  std::optional<double> probability{};  ///< training: the step that so many steps are not slower than; empty: the mean
};

/// Work waits for something that never comes, or the engine gave up; the message names who waits for what.
struct SimulationFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Result simulate(const scenario::Bound&, const Options&);

}  // namespace plenum::datacenter
