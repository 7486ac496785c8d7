// What a training rank holds in memory, by stage. Activations per layer follow Korthikanti 2022 (arXiv 2205.05198,
// table 2), extended for grouped-query attention, gated MLPs and fused attention.
#pragma once

#include <string>
#include <vector>

#include "sim/core/quantity.hpp"
#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

struct StageMemory {
  Bytes parameters{}, gradients{}, optimizer{}, activations{};
  Bytes fragmentation{};  ///< that PyTorch's allocator reserves beyond its tensors
  Bytes buffers{};        ///< beside the allocator
  Bytes host{};           ///< of the node, for this rank's part of an offloaded optimizer and of activations
  Bytes tensors() const { return parameters + gradients + optimizer + activations; }
  Bytes total() const { return tensors() + fragmentation + buffers; }
};

/// A rank's.
struct MemoryCapacity {
  MemoryCapacity(Bytes device, Bytes host = {}) : device(device), host(host) {}
  Bytes device;
  Bytes host;  ///< its share of the node's; 0: not known, and nothing is said of it
};

/// Peak per pipeline stage: 1F1B keeps pp - rank (interleaved: more) micro-batches of activations in flight.
std::vector<StageMemory> peak_memory(const Transformer&, const TrainingPlan&);

/// Every stage fits; with `automatic` recomputation, that some recomputation does it.
bool fits(const Transformer&, const TrainingPlan&, const MemoryCapacity&);

/// Sets the least recomputation with which every stage fits: none, selective, modules, full of as few
/// layers as possible; of all when nothing fits.
void recompute_least(const Transformer&, TrainingPlan&, const MemoryCapacity&);

/// When the plan does not fit: what to change, smallest change first ("recompute: full", "micro_batch: 1", ...); two
/// changes together when none is enough alone, else that more memory is needed. Nothing when it fits.
std::vector<std::string> ways_to_fit(const Transformer&, const TrainingPlan&, const MemoryCapacity&);

}  // namespace plenum::workload
