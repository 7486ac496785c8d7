// Channels that can never be the bottleneck. If all flows of a channel come out of channels that together are no faster
// (the uplinks of a leaf with full bisection, fed by its NICs), or go into such (a leaf's downlinks), its limit is
// implied by theirs: leaving it out changes no rate. That is exact - the set of possible rates is the same, hence its
// max-min fair point too - and it lets flows fold together that differ only in where they cross the fabric.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plenum::datacenter {

/// Channels of every flow, in order, in one array.
struct Routes {
  std::vector<std::uint32_t> first{0};  ///< flows + 1
  std::vector<std::uint32_t> channels;
  std::size_t flows() const { return first.size() - 1; }
  std::span<const std::uint32_t> of(std::size_t flow) const {
    return {channels.data() + first[flow], channels.data() + first[flow + 1]};
  }
};

/// Without the channels that are implied. Every flow that had a channel keeps at least one. Limits must not change
/// afterwards.
Routes without_implied_limits(Routes, const std::vector<double>& capacity);

}  // namespace plenum::datacenter
