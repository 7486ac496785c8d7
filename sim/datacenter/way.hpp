// Latency along the channels of a flow.
#pragma once

#include <optional>
#include <span>

#include "sim/datacenter/fabric.hpp"

namespace plenum::datacenter {

struct Way {
  Seconds latency{}, added{};  ///< `added`: beyond what measured hops contain
  bool leaves = false;         ///< the domain
};

Way way_of(std::span<const topology::Channel>);

/// The slowest of the ways told.
class SlowestWay {
 public:
  void add(const Way&);
  PathLatency latency() const;

 private:
  Seconds whole_{};
  std::optional<Seconds> inside_, between_;
};

}  // namespace plenum::datacenter
