// A training step's stages priced on a device, and how the plan moves data-parallel states between them.
#pragma once

#include <vector>

#include "sim/datacenter/training/host_share.hpp"
#include "sim/datacenter/training/rank_process.hpp"
#include "workloads/training/step.hpp"

namespace plenum::datacenter {

std::vector<PricedStage> price_stages(const workload::TrainingStep&, const workload::TrainingPlan&,
                                      const calibration::Device&, const HostShare&, const calibration::Variation& = {});

DataParallelPolicy data_parallel_policy(const workload::TrainingPlan&);

/// The weakest footing of all kernels in the stages.
calibration::Footing footing_of(const std::vector<PricedStage>&);

}  // namespace plenum::datacenter
