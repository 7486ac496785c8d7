// One training step as work per pipeline stage: every matrix product, attention, norm, loss, optimizer and collective.
// Ranks of one stage do the same work (experts are balanced), so a stage is described once.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/model.hpp"
#include "workloads/operation.hpp"
#include "workloads/training/offload.hpp"
#include "workloads/training/plan.hpp"
#include "workloads/training/schedule.hpp"
#include "workloads/training/stage_layers.hpp"

namespace plenum::workload {

/// One model chunk (virtual stage) on one rank; operations are per micro-batch. What every layer repeats stands once,
/// with count = layers; in time the layers follow one another.
struct Chunk {
  std::int64_t layers = 0;
  bool embedding = false, head = false;
  Operations forward;
  Operations backward;                 ///< includes recomputation
  Operations weights;                  ///< gradients of weights, where the schedule has them apart; else in `backward`
  std::int64_t parameters = 0;         ///< elements on this rank that are trained, reduced over the data-parallel group
  std::int64_t expert_parameters = 0;  ///< of routed experts, reduced over the expert-data group
  /// Of `parameters`: embedding, head and last norm. FSDP gathers and reduces these as one unit (before the chunk's
  /// first layer; kept to the end of its backward) and each of the `layers` as a unit of (parameters -
  /// outer_parameters) / layers.
  std::int64_t outer_parameters = 0;
  Bytes offloaded{};             ///< activations per micro-batch that go to the host and come back
  Bytes host_up{}, host_down{};  ///< between GPU and host before each gather, after each reduction (shard_up(), ...)
};

struct Stage {
  std::vector<Chunk> chunks;
  std::vector<ScheduleItem> schedule;
  Operations optimizer;  ///< after all gradients are reduced: norm of gradients, Adam on this rank's shard
  HostUpdate host;       ///< behind it, what of that the host does
};

struct TrainingStep {
  std::vector<Stage> stages;         ///< by pipeline rank
  Bytes boundary{};                  ///< activations handed to the next chunk, per rank and micro-batch
  Bytes gradient_element{};          ///< bytes per element when gradients are reduced (4 in Megatron, 2 in FSDP)
  Bytes parameter_element{};         ///< bytes per element when parameters are gathered
  std::int64_t optimizer_group = 1;  ///< ranks over which gradients are reduced (dp x cp)
  /// Ranks that share one copy of the sharded states; neighbours in the optimizer group. Below optimizer_group (hybrid
  /// sharding): gradients are reduce-scattered over the shard group, then the shards all-reduced over its peers.
  std::int64_t shard_group = 1;
  /// FSDP: parameters are gathered unit by unit in every forward and backward pass of every micro-batch, gradients
  /// reduce-scattered unit by unit in every backward pass. Otherwise both happen once per step.
  bool gathers_each_pass = false;
  std::int64_t tokens = 0;  ///< per step, whole job
  Flops model_flops{};      ///< forward + backward of the model, whole job, no recomputation (formula: step.cpp)
  Flops hardware_flops{};   ///< with recomputation
};

/// Preconditions: complete() found nothing; recompute is not `automatic`.
TrainingStep training_step(const Transformer&, const TrainingPlan&);

}  // namespace plenum::workload
