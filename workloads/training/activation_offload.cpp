#include "workloads/training/activation_offload.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "workloads/training/activations.hpp"
#include "workloads/training/stage_layers.hpp"

namespace plenum::workload {

ChunkActivations layers_activations(const Transformer& model, const TrainingPlan& plan,
                                    const std::vector<LayerCount>& chunk) {
  ChunkActivations sum;
  std::int64_t left = plan.offload_layers;
  const auto add = [&](const TrainingPlan& of, const LayerCount& layers, std::int64_t group) {
    const Bytes kept = layer_activations(model, of, layers.kind) * ((layers.count + group - 1) / group);
    const std::int64_t away = std::min(left, layers.count);
    left -= away;
    const Bytes moved(layers.count > 0 ? kept.value() / layers.count * away : 0);
    sum.away += moved;
    sum.here += kept - moved;
    if (away > 0)
      sum.passing = std::max(sum.passing, Bytes(kept.value() / layers.count * std::min<std::int64_t>(2, away)));
  };
  const auto [again, whole] = recomputed_of(plan, chunk);
  for (const LayerCount& layers : again) add(plan, layers, plan.recompute_group);
  for (const LayerCount& layers : whole) add(without_full_recompute(plan), layers, 1);
  return sum;
}

std::int64_t largest_chunk(const Transformer& model, const TrainingPlan& plan) {
  if (!plan.stage_layers.empty()) return std::ranges::max(plan.stage_layers);
  const std::int64_t chunks = plan.pipeline_parallel * plan.virtual_stages;
  return (model.layers + model.predicted_ahead + chunks - 1) / chunks;
}

std::vector<std::pair<std::string, std::string>> check_offloaded_layers(const TrainingPlan& plan,
                                                                        const Transformer& model) {
  if (plan.offload_layers <= largest_chunk(model, plan)) return {};
  return {{"/offload_layers",
           fmt::format("{} layers of a chunk that has at most {}", plan.offload_layers, largest_chunk(model, plan))}};
}

}  // namespace plenum::workload
