// The plan that Plenum would take where a table states none: the fastest of those that fit.
#pragma once

#include <optional>

#include "calibration/device.hpp"
#include "topologies/specification.hpp"
#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::analysis {

/// Where a plan is to run: `gpus` of the cluster's nodes, all to itself.
struct PlanPlace {
  const calibration::Device& device;
  const topology::ClusterSpecification& cluster;
  std::int64_t gpus = 0;
};

/// Fills tensor (to 8), context (to 8) and pipeline parallelism (to 32, interleaved or not) and, where `written` has 0,
/// the micro-batch (to 4), so that an estimate of the step is shortest: kernels as a step has them, collectives at
/// their links' rates, the pipeline's bubble; nothing is simulated. Of equals the first; nothing when no plan fits.
std::optional<workload::TrainingPlan> fastest_plan(const workload::Transformer&, const workload::TrainingPlan& written,
                                                   const PlanPlace&);

}  // namespace plenum::analysis
