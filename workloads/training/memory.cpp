#include "workloads/training/memory.hpp"

#include <algorithm>
#include <cmath>

#include "workloads/training/activation_offload.hpp"
#include "workloads/training/activations.hpp"
#include "workloads/training/elements.hpp"
#include "workloads/training/encoder.hpp"
#include "workloads/training/offload.hpp"
#include "workloads/training/optimizer.hpp"
#include "workloads/training/quantization.hpp"
#include "workloads/training/share.hpp"
#include "workloads/training/step.hpp"

namespace plenum::workload {
namespace {

constexpr Bytes mebibyte(1 << 20);

// What lies beside tensors: CUDA's context with loaded kernels, cuBLAS's workspace (its default on Hopper), and NCCL's
// channel buffers per communicator. Sizes as nvidia-smi shows them on H100 with NCCL's defaults, to some 0.2 GiB.
constexpr Bytes context_bytes = mebibyte * 600;
constexpr Bytes cublas_workspace = mebibyte * 32;
constexpr Bytes communicator_bytes = mebibyte * 400;

/// Of what tensors take: the median of seven runs of Megatron-LM that print the allocator's peaks, reserved and
/// allocated (analysis/measurements/allocator_public.csv). Kernels whose sizes change from step to step, as those of
/// experts that drop no token, leave up to 17 %; runs that fill their cards 0.6 to 6 %.
constexpr double fragmentation_share = 0.025;

class StageLedger {
 public:
  StageLedger(const Transformer& model, const TrainingPlan& plan, std::int64_t rank)
      : model_(model), plan_(plan), rank_(rank) {
    for (std::int64_t chunk = 0; chunk < plan.virtual_stages; ++chunk) {
      chunks_.push_back(layer_counts_of(model, plan, rank, chunk));
      layers_.insert(layers_.end(), chunks_.back().begin(), chunks_.back().end());
    }
    if (first()) outer_ += embedding_elements(model, plan);
    if (first()) frozen_ = embedding_elements(model, plan) - trained_embedding_elements(model, plan);
    if (last()) outer_ += head_elements(model, plan);
    held_ = elements_of(model, plan, layers_);
    held_.common += outer_;
    trained_ = plan.adapter_rank > 0 ? Elements{adapters(), 0} : held_;
    if (plan.adapter_rank == 0) trained_.common -= frozen_;
    for (std::int64_t chunk = 0; chunk < plan.virtual_stages; ++chunk)
      held_by_chunk_.push_back(chunk_activations(chunk));
  }

  StageMemory memory() const {
    const std::int64_t own = own_shard(plan_, trained_), away = offloaded(plan_, own);
    StageMemory memory{.parameters = parameters(),
                       .gradients = gradients(),
                       .optimizer = Bytes(12 * (own - away)),
                       .activations = activations(),
                       .fragmentation = {},
                       .buffers = buffers(),
                       .host = (Bytes(12) + gradient_element(plan_)) * away +
                               (plan_.offload_layers > 0 ? peak_of(&ChunkActivations::away) : Bytes())};
    memory.fragmentation = Bytes(std::llround(fragmentation_share * static_cast<double>(memory.tensors().value())));
    return memory;
  }

 private:
  bool first() const { return stands_first(plan_, rank_, 0); }
  bool last() const { return stands_last(plan_, rank_, plan_.virtual_stages - 1); }
  bool fully_sharded() const { return plan_.sharding == Sharding::parameters; }

  std::int64_t adapters() const {
    std::int64_t sum = 0;
    for (const auto& [kind, count] : layers_) sum += count * adapter_elements(model_, plan_, kind);
    return sum;
  }

  std::int64_t layer_count() const {
    std::int64_t sum = 0;
    for (const auto& of_kind : layers_) sum += of_kind.count;
    return sum;
  }

  /// The mean layer's part of a sum over layers, so many times.
  std::int64_t of_layers(std::int64_t sum, std::int64_t times) const {
    const std::int64_t count = layer_count();
    return count > 0 ? sum / count * std::min(times, count) : 0;
  }

  /// FSDP holds two gathered layers, the one in use and the next, and everything outside of layers; its own shard is
  /// the optimizer's master copy.
  std::int64_t in_use(std::int64_t of_all_layers) const {
    return fully_sharded() ? of_layers(of_all_layers, 2) : of_all_layers;
  }

  Bytes parameters() const {
    const std::int64_t copies = outer_ + in_use(held_.all() - outer_) + (plan_.adapter_rank > 0 ? trained_.all() : 0);
    if (!is_quantized(plan_.precision)) return Bytes(2 * copies);
    const std::int64_t quantized = in_use(matrix_elements_of(model_, plan_, layers_).all());
    return Bytes(std::llround(weight_bytes(plan_) * static_cast<double>(quantized)) + 2 * (copies - quantized));
  }

  /// Where products add to gradients themselves, autograd still gets a tensor per weight, 16 bits wide and never read:
  /// one per shape (Transformer Engine, get_dummy_wgrad), experts are alike. Software without fused attention has none.
  Bytes dummy_gradients() const {
    if (!plan_.fused_kernels || !plan_.flash_attention || fully_sharded() || plan_.adapter_rank > 0) return {};
    const Share share = share_of(model_, plan_);
    const std::int64_t alike = std::max<std::int64_t>(1, share.experts.local);
    std::int64_t largest = 0;
    for (const auto& of_kind : layers_) {
      const Elements layer = layer_matrix_elements(model_, plan_, of_kind.kind);
      largest = std::max(largest, layer.common + layer.experts / alike);
    }
    return Bytes(2 * (largest + (last() ? share.vocabulary * share.hidden : 0)));
  }

  Bytes gradients() const {
    if (plan_.sharding < Sharding::gradients) return gradient_element(plan_) * trained_.all();
    const std::int64_t own = own_shard(plan_, trained_);
    const Bytes shard = gradient_element(plan_) * (offloads_shards(plan_) ? own - offloaded(plan_, own) : own);
    if (plan_.sharding == Sharding::gradients && plan_.pipeline_parallel > 1) return shard + accumulated();
    const std::int64_t outer = std::min(outer_ - frozen_, trained_.all());
    return shard + Bytes(2 * (outer + of_layers(trained_.all() - outer, 1)));  // of the pass, in 16 bits
  }

  /// A pipeline reduces a chunk's gradients after its last micro-batch. While all micro-batches pass as one group, only
  /// the chunk that accumulates and the one before it, which is being reduced, hold theirs whole.
  Bytes accumulated() const {
    const bool one_group = plan_.micro_batches() <= plan_.pipeline_parallel;
    const std::int64_t whole = one_group ? std::min<std::int64_t>(2, plan_.virtual_stages) : plan_.virtual_stages;
    return gradient_element(plan_) * (trained_.all() / plan_.virtual_stages * whole);
  }

  ChunkActivations chunk_activations(std::int64_t chunk) const {
    ChunkActivations held = layers_activations(model_, plan_, chunks_[static_cast<std::size_t>(chunk)]);
    if (first() && chunk == 0) held.here += embedding_activations(model_, plan_);
    if (last() && chunk == plan_.virtual_stages - 1) held.here += head_activations(model_, plan_);
    return held;
  }

  /// Of the layers that are being computed again.
  Bytes recomputed() const {
    Bytes largest;
    for (const auto& of_kind : layers_) {
      const Bytes whole = whole_layer_activations(model_, plan_, of_kind.kind);
      if (plan_.recompute == Recompute::full)
        largest = std::max(largest, whole * std::min(plan_.recompute_group, layer_count()));
      else if (plan_.recompute == Recompute::modules)
        largest = std::max(largest, whole - layer_activations(model_, plan_, of_kind.kind));
    }
    return largest;
  }

  /// All layers of a rank that attend to images read the same tokens of them.
  Bytes image_states() const {
    const bool reads = std::ranges::any_of(
        layers_, [](const LayerCount& of_kind) { return of_kind.kind.mixer == Mixer::cross_attention; });
    return reads ? Bytes(2 * image_rows(model_, plan_) * model_.hidden) : Bytes();
  }

  /// Walks the schedule. All but GPipe repeat themselves, so a few rounds show the peak.
  Bytes peak_of(Bytes ChunkActivations::*place) const {
    const bool repeats = plan_.schedule != PipelineSchedule::gpipe;
    const std::int64_t all = plan_.micro_batches(), rounds = repeats ? std::min(all, 4 * plan_.pipeline_parallel) : all;
    const Pass releases = splits_backward(plan_.schedule) ? Pass::weights : Pass::backward;
    std::vector<Bytes> of_chunk;
    for (const ChunkActivations& chunk : held_by_chunk_) of_chunk.push_back(chunk.*place);
    Bytes held, peak;
    for (const auto& item :
         pipeline_schedule(plan_.schedule, plan_.pipeline_parallel, plan_.virtual_stages, rounds, rank_)) {
      const Bytes bytes = of_chunk[static_cast<std::size_t>(item.chunk)];
      if (item.pass == Pass::forward) {
        held += bytes;
        peak = std::max(peak, held);
      } else if (item.pass == releases) {
        held -= bytes;
      }
    }
    return peak;
  }

  Bytes activations() const {
    Bytes passing;
    for (const ChunkActivations& chunk : held_by_chunk_) passing = std::max(passing, chunk.passing);
    return peak_of(&ChunkActivations::here) + passing + image_states() + recomputed() +
           (last() ? head_gradient(model_, plan_) : Bytes()) +
           (plan_.sharding < Sharding::gradients ? dummy_gradients() : Bytes());
  }

  Bytes buffers() const {
    const Share share = share_of(model_, plan_);
    const std::int64_t communicators = (plan_.tensor_parallel > 1) + (plan_.context_parallel > 1) +
                                       (plan_.pipeline_parallel > 1) + (optimizer_group(plan_) > 1) +
                                       (plan_.expert_parallel > 1);
    const Bytes gathered_rows(splits_sequence(plan_) ? 2 * share.tokens * share.hidden : 0);
    return context_bytes + cublas_workspace + communicator_bytes * communicators + gathered_rows;
  }

  const Transformer& model_;
  const TrainingPlan& plan_;
  std::int64_t rank_;
  std::vector<std::vector<LayerCount>> chunks_;
  std::vector<LayerCount> layers_;  ///< of all chunks
  std::vector<ChunkActivations> held_by_chunk_;
  std::int64_t outer_ = 0;   ///< embedding with what encodes images, head, last norm
  std::int64_t frozen_ = 0;  ///< of it
  Elements held_, trained_;
};

}  // namespace

std::vector<StageMemory> peak_memory(const Transformer& model, const TrainingPlan& plan) {
  std::vector<StageMemory> stages;
  for (std::int64_t rank = 0; rank < plan.pipeline_parallel; ++rank)
    stages.push_back(StageLedger(model, plan, rank).memory());
  return stages;
}

}  // namespace plenum::workload
