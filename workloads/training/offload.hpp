// An optimizer whose states lie in the host's memory and which the host's cores run (ZeRO-Offload, arXiv 2101.06840;
// Megatron-Core's HybridDeviceOptimizer, --optimizer-cpu-offload; FSDP's CPU offload).
#pragma once

#include "workloads/training/elements.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// Of a rank's own shard, what the host holds.
std::int64_t offloaded(const TrainingPlan&, std::int64_t own);

/// Gradients and parameters that are sharded like the optimizer (ZeRO-2, 3, FSDP) stand where it does: each part is
/// copied up before it is gathered, and down after it is reduced. Else both are copied once per step, whole.
bool offloads_shards(const TrainingPlan&);

/// What a rank's host does once per step, behind the reduction of gradients.
struct HostUpdate {
  Bytes down{};     ///< gradients, from the GPU
  Bytes touched{};  ///< read and written in host memory by Adam
  Bytes up{};       ///< parameters in 16 bits, to the GPU
};
HostUpdate host_update(const TrainingPlan&, const Elements& trained);

/// Per element of a shard, each time it is gathered or reduced: FSDP copies parameters in fp32 and casts on the GPU.
Bytes shard_up(const TrainingPlan&, const Elements& trained);
Bytes shard_down(const TrainingPlan&, const Elements& trained);

}  // namespace plenum::workload
