// Which layers stand on which pipeline rank.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// Number of a chunk along the model. Chunks go round the ranks; V-shaped schedules turn and come back instead.
std::int64_t place_of(const TrainingPlan&, std::int64_t rank, std::int64_t chunk);
bool stands_first(const TrainingPlan&, std::int64_t rank, std::int64_t chunk);
bool stands_last(const TrainingPlan&, std::int64_t rank, std::int64_t chunk);

/// Where the chunk before or behind another along the model stands.
struct NeighbourChunk {
  std::int64_t offset = 0;  ///< pipeline ranks further on, around the end: -1, 0 or 1
  std::int64_t chunk = 0;   ///< of that rank
};
std::optional<NeighbourChunk> next_of(const TrainingPlan&, std::int64_t rank, std::int64_t chunk);
std::optional<NeighbourChunk> previous_of(const TrainingPlan&, std::int64_t rank, std::int64_t chunk);

/// First and last chunk stand on different ranks: tied embeddings have a copy on each.
bool ends_apart(const TrainingPlan&);

/// Layers of chunk `chunk` of pipeline rank `rank`. When layers don't divide by stages x chunks, chunks get one less in
/// this order: last (head), first (embedding), last but one, second, ... So 126 layers on 16 x 8 chunks leave the first
/// and the last chunk without any (arXiv 2407.21783, 3.3.2). Layers for multi-token prediction count: they are the
/// last, and each one's head is worth a layer, which the last chunk has less (Megatron-Bridge's layout of DeepSeek-V3:
/// 15 stages of 4 layers, then one with that layer).
std::int64_t layers_of(const Transformer&, const TrainingPlan&, std::int64_t rank, std::int64_t chunk);

/// The same by kind.
std::vector<LayerCount> layer_counts_of(const Transformer&, const TrainingPlan&, std::int64_t rank, std::int64_t chunk);

/// A chunk's layers, apart: those that are computed again in the backward pass from their input, and the others.
struct RecomputedLayers {
  std::vector<LayerCount> again, kept;
};
RecomputedLayers recomputed_of(const TrainingPlan&, const std::vector<LayerCount>&);

/// The plan as layers see it that keep what they computed.
TrainingPlan without_full_recompute(TrainingPlan);

}  // namespace plenum::workload
