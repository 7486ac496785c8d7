// A run of operations between two points where a rank waits for others (one chunk, one pass, one micro-batch), priced
// on a device: compute time by kernel family, and what it moves over which group. Operations inside a segment follow
// each other without anybody else looking on, so their times may be added up; that keeps a step at thousands of events
// instead of millions.
#pragma once

#include <array>
#include <cstdint>

#include "calibration/device.hpp"
#include "calibration/variation.hpp"
#include "sim/datacenter/training/ledger.hpp"
#include "workloads/operation.hpp"

namespace plenum::datacenter {

using workload::group_dimensions;

/// Collectives of one segment over one group, in all. `bytes` is all-gather equivalent (an all-reduce counts twice), so
/// that one flow pattern per group serves all kinds of ring collectives; groups of experts only exchange, all to all.
struct SegmentTraffic {
  double bytes = 0;
  double collectives = 0;  ///< dependent rings, each pays its latency (a fraction for a fraction of a segment)
  KindWeights kinds{};     ///< `bytes` by kind, of the whole segment
};

struct Segment {
  Breakdown parts{};                                        ///< compute families only
  std::array<SegmentTraffic, group_dimensions> sequential;  ///< the compute stream waits for it
  std::array<SegmentTraffic, group_dimensions> concurrent;  ///< pipelined with the kernels beside it
  Seconds host{};  ///< until the host has issued all of it; the rank waits for that at the end
  calibration::Footing footing = calibration::Footing::measured;

  Seconds compute() const;
  Segment scaled(double fraction) const;  ///< the same work, a fraction of it (a bucket of layers)
};

/// Times of kernels come from the device; one collective is as large as the operation says. `gpus` work in step:
/// compute-bound kernels wait for the slowest of them, which is booked as Part::straggler.
/// A host that takes longer to issue the kernels than they run, `host_per_kernel` each, holds the GPU up: Part::host.
Segment price(const workload::Operations&, const calibration::Device&, std::int64_t gpus, Seconds host_per_kernel,
              const calibration::Variation& = {});

}  // namespace plenum::datacenter
