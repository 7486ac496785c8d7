// How long the collectives of a step take: as far as the frameworks' own kernels reach as these were measured,
// elsewhere as NCCL does it, and between attention ranks and their experts whichever way is faster.
#pragma once

#include <string>

#include "calibration/device.hpp"
#include "topologies/specification.hpp"
#include "workloads/operation.hpp"
#include "workloads/serving/serving_plan.hpp"

namespace plenum::datacenter {

class StepCommunication {
 public:
  StepCommunication(const workload::Transformer&, const workload::ServingPlan&, calibration::Framework,
                    const calibration::Device&, const topology::NodeSpecification&);

  calibration::Estimate time_of(const workload::Communication&) const;

  /// Most bytes of an all-reduce that normalizes in the same kernel: vLLM's FI_ALLREDUCE_FUSION_MAX_SIZE_MB
  /// (compilation/passes/fusion/allreduce_rms_fusion, v0.16), of FlashInfer's kernel on Hopper and Blackwell.
  Bytes fused_norm_limit() const;

 private:
  calibration::Estimate collective(double part, std::int64_t ranks, Bytes) const;
  /// Tokens sent to the experts that they chose alone (all_gather: dispatch) and back (reduce_scatter: combine).
  Seconds exchange(const workload::Communication&) const;
  std::int64_t domains(std::int64_t ranks) const;
  bool by_own_kernels(std::int64_t ranks) const;
  std::string nccl_medium() const;

  const workload::Transformer& model_;
  const workload::ServingPlan& plan_;
  const calibration::Framework framework_;
  const calibration::Device& device_;
  const topology::NodeSpecification node_;
};

}  // namespace plenum::datacenter
