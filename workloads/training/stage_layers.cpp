#include "workloads/training/stage_layers.hpp"

#include <algorithm>

namespace plenum::workload {
namespace {

std::int64_t slots_of(const TrainingPlan& plan) { return plan.pipeline_parallel * plan.virtual_stages; }

std::int64_t layers_at(const Transformer& model, const TrainingPlan& plan, std::int64_t position) {
  if (!plan.stage_layers.empty()) return plan.stage_layers[static_cast<std::size_t>(position)];
  const std::int64_t slots = slots_of(plan), layers = model.layers + model.predicted_ahead;
  const std::int64_t most = (layers + slots - 1) / slots;
  const std::int64_t missing = most * slots - layers;
  const std::int64_t room = std::max<std::int64_t>(0, most - 1 - model.predicted_ahead);
  const std::int64_t further_heads = std::min({model.predicted_ahead, missing, room});
  const std::int64_t from_end = slots - 1 - position;
  const std::int64_t turn = from_end < position ? 2 * from_end : 2 * position + 1;
  return most - (turn < missing - further_heads ? 1 : 0) - (from_end == 0 ? further_heads : 0);
}

void add(std::vector<LayerCount>& counts, const LayerKind& kind, std::int64_t count) {
  const auto found = std::ranges::find(counts, kind, &LayerCount::kind);
  if (found == counts.end())
    counts.push_back({kind, count});
  else
    found->count += count;
}

/// A layer that predicts further tokens mixes and transforms, whatever the model's layers do one by one.
LayerKind kind_ahead(const Transformer& model) {
  LayerKind kind = model.layer_kind(model.layers - 1);
  if (kind.mixer == Mixer::none || kind.mixer == Mixer::state_space || kind.mixer == Mixer::cross_attention)
    kind.mixer = model.latent_attention ? Mixer::latent_attention : Mixer::attention;
  if (kind.mlp == Mlp::none) kind.mlp = model.experts ? Mlp::experts : Mlp::dense;
  return kind;
}

}  // namespace

std::int64_t place_of(const TrainingPlan& plan, std::int64_t rank, std::int64_t chunk) {
  if (is_v_shaped(plan.schedule) && chunk == 1) return slots_of(plan) - 1 - rank;
  return chunk * plan.pipeline_parallel + rank;
}

bool stands_first(const TrainingPlan& plan, std::int64_t rank, std::int64_t chunk) {
  return place_of(plan, rank, chunk) == 0;
}

bool stands_last(const TrainingPlan& plan, std::int64_t rank, std::int64_t chunk) {
  return place_of(plan, rank, chunk) == slots_of(plan) - 1;
}

std::optional<NeighbourChunk> next_of(const TrainingPlan& plan, std::int64_t rank, std::int64_t chunk) {
  if (stands_last(plan, rank, chunk)) return {};
  const bool ends_round = rank == plan.pipeline_parallel - 1;
  if (!is_v_shaped(plan.schedule)) return NeighbourChunk{1, chunk + (ends_round ? 1 : 0)};
  if (chunk == 1) return NeighbourChunk{-1, 1};
  return ends_round ? NeighbourChunk{0, 1} : NeighbourChunk{1, 0};
}

std::optional<NeighbourChunk> previous_of(const TrainingPlan& plan, std::int64_t rank, std::int64_t chunk) {
  if (stands_first(plan, rank, chunk)) return {};
  if (!is_v_shaped(plan.schedule)) return NeighbourChunk{-1, chunk - (rank == 0 ? 1 : 0)};
  if (chunk == 0) return NeighbourChunk{-1, 0};
  return rank == plan.pipeline_parallel - 1 ? NeighbourChunk{0, 0} : NeighbourChunk{1, 1};
}

bool ends_apart(const TrainingPlan& plan) { return plan.pipeline_parallel > 1 && !is_v_shaped(plan.schedule); }

std::int64_t layers_of(const Transformer& model, const TrainingPlan& plan, std::int64_t rank, std::int64_t chunk) {
  return layers_at(model, plan, place_of(plan, rank, chunk));
}

std::vector<LayerCount> layer_counts_of(const Transformer& model, const TrainingPlan& plan, std::int64_t rank,
                                        std::int64_t chunk) {
  const std::int64_t position = place_of(plan, rank, chunk);
  std::int64_t first = 0;
  for (std::int64_t before = 0; before < position; ++before) first += layers_at(model, plan, before);
  const std::int64_t end = first + layers_at(model, plan, position), last = std::min(end, model.layers);
  auto counts = model.layer_counts(first, std::max<std::int64_t>(0, last - first));
  if (end > model.layers) add(counts, kind_ahead(model), end - std::max(first, model.layers));
  return counts;
}

RecomputedLayers recomputed_of(const TrainingPlan& plan, const std::vector<LayerCount>& layers) {
  if (plan.recompute != Recompute::full) return {{}, layers};
  if (plan.recompute_layers == 0) return {layers, {}};
  RecomputedLayers split;
  std::int64_t left = plan.recompute_layers;
  for (const auto& [kind, count] : layers) {
    const std::int64_t again = std::min(left, count);
    left -= again;
    if (again > 0) split.again.push_back({kind, again});
    if (again < count) split.kept.push_back({kind, count - again});
  }
  return split;
}

TrainingPlan without_full_recompute(TrainingPlan plan) {
  if (plan.recompute == Recompute::full) plan.recompute = Recompute::none;
  return plan;
}

}  // namespace plenum::workload
