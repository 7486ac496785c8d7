// A run of operations between two points where a rank waits for others (one chunk, one pass, one micro-batch), priced
// on a device: compute time by kernel family, and what it moves over which group. Operations inside a segment follow
// each other without anybody else looking on, so their times may be added up; that keeps a step at thousands of events
// instead of millions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "calibration/device.hpp"
#include "calibration/variation.hpp"
#include "sim/datacenter/training/ledger.hpp"
#include "workloads/operation.hpp"

namespace plenum::datacenter {

using workload::group_dimensions;

/// Equal collectives of one segment.
struct Issued {
  std::size_t dimension = 0;  ///< of their group
  CollectiveKind kind{};
  double bytes = 0;  ///< of each, as workload::Communication counts them
  double count = 0;  ///< a fraction for a fraction of a segment
  /// Of the kernel beside which each of them runs; 0: the compute stream waits for it, infinite: something of another
  /// micro-batch is always there.
  Seconds kernel{};
  double most_hidden = 1;  ///< share of each that can run beside the kernel
};

struct Segment {
  Breakdown parts{};  ///< compute families only
  std::vector<Issued> issued;
  Seconds host{};  ///< until the host has issued all of it; the rank waits for that at the end
  calibration::Footing footing = calibration::Footing::measured;

  Seconds compute() const;
  Seconds at_full_power() const;          ///< of it: products and attention
  Segment scaled(double fraction) const;  ///< the same work, a fraction of it (a bucket of layers)
};

/// Times of kernels come from the device; one collective is as large as the operation says. `gpus` work in step:
/// compute-bound kernels wait for the slowest of them, which is booked as Part::straggler.
/// A host that takes longer to issue the kernels than they run, `host_per_kernel` each, holds the GPU up: Part::host.
Segment price(const workload::Operations&, const calibration::Device&, std::int64_t gpus, Seconds host_per_kernel,
              const calibration::Variation& = {}, const calibration::OperatingPoint& = {});

}  // namespace plenum::datacenter
