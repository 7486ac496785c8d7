// Activations that wait in the host's memory between a micro-batch's passes (Transformer Engine, cpu_offload.py;
// Megatron's --cpu-offloading-num-layers): those of a chunk's first layers are copied down while layers behind them are
// computed, and up again while layers before them go backward.
#pragma once

#include <vector>

#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// What the layers of a chunk keep of a micro-batch.
struct ChunkActivations {
  Bytes here{};     ///< on the GPU
  Bytes away{};     ///< in the host's memory
  Bytes passing{};  ///< of those, on the GPU at once: the layer that is computed and the one that is copied
};
ChunkActivations layers_activations(const Transformer&, const TrainingPlan&, const std::vector<LayerCount>& chunk);

/// Most layers of a chunk.
std::int64_t largest_chunk(const Transformer&, const TrainingPlan&);

/// What of the plan can't be: pointer below it, message.
std::vector<std::pair<std::string, std::string>> check_offloaded_layers(const TrainingPlan&, const Transformer&);

}  // namespace plenum::workload
