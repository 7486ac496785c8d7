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
  Bytes parameters{}, gradients{}, optimizer{}, activations{}, buffers{};
  Bytes total() const { return parameters + gradients + optimizer + activations + buffers; }
};

/// Peak per pipeline stage: 1F1B keeps pp - rank (interleaved: more) micro-batches of activations in flight.
std::vector<StageMemory> peak_memory(const Transformer&, const TrainingPlan&);

/// Every stage fits into `capacity`; with `automatic` recomputation, that some recomputation does it.
bool fits(const Transformer&, const TrainingPlan&, Bytes capacity);

/// Sets the least recomputation that fits into `capacity` on every stage: none, selective, modules, full of as few
/// layers as possible; of all when nothing fits.
void recompute_least(const Transformer&, TrainingPlan&, Bytes capacity);

/// When the plan does not fit: what to change, smallest change first ("recompute: full", "micro_batch: 1", ...); two
/// changes together when none is enough alone, else that more memory is needed. Nothing when it fits.
std::vector<std::string> ways_to_fit(const Transformer&, const TrainingPlan&, Bytes capacity);

}  // namespace plenum::workload
