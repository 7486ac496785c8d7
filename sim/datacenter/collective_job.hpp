// Collectives as jobs of their own, on the fabric that all jobs share.
#pragma once

#include "calibration/collectives/timing.hpp"
#include "sim/datacenter/fabric.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::datacenter {

/// The pattern that a job's bytes move by.
workload::Pattern pattern_of(const scenario::Bound&, const scenario::BoundCollective&);

/// Adds the job's ranks and its group to the traffic; the number of the group.
std::uint32_t add_collective(const scenario::Bound&, const scenario::BoundCollective&, std::uint64_t number, Traffic&);

class CollectiveJob {
 public:
  /// Everything must outlive the job.
  CollectiveJob(const scenario::BoundCollective&, std::uint32_t group, engine::Engine&, FoldedFabric&);
  void begin();
  CollectiveJobResult result() const { return result_; }

 private:
  void start_one();
  double bytes() const;

  const scenario::BoundCollective& job_;
  std::uint32_t group_;
  engine::Engine& engine_;
  FoldedFabric& fabric_;
  calibration::Timing timing_;
  CollectiveJobResult result_;
};

}  // namespace plenum::datacenter
