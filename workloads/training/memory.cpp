#include "workloads/training/memory.hpp"

#include <algorithm>
#include <cmath>

#include "workloads/training/activations.hpp"
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

std::int64_t per_rank(std::int64_t elements, std::int64_t group) { return (elements + group - 1) / group; }

struct Elements {
  std::int64_t layers = 0;  ///< transformer layers of the stage
  std::int64_t outer = 0;   ///< embedding, head, last norm
  std::int64_t all = 0;
};

class StageLedger {
 public:
  StageLedger(const Transformer& model, const TrainingPlan& plan, std::int64_t rank)
      : model_(model), plan_(plan), rank_(rank) {
    for (std::int64_t chunk = 0; chunk < plan.virtual_stages; ++chunk)
      elements_.layers += layers_of(model, plan, rank, chunk);
    if (first()) elements_.outer += embedding_elements(model, plan);
    if (last()) elements_.outer += head_elements(model, plan);
    elements_.all = elements_.outer + elements_.layers * layer_elements(model, plan);
  }

  StageMemory memory() const {
    return {.parameters = parameters(),
            .gradients = gradients(),
            .optimizer = Bytes(12 * per_rank(elements_.all, shard_group(plan_))),
            .activations = activations(),
            .buffers = buffers()};
  }

 private:
  bool first() const { return rank_ == 0; }
  bool last() const { return rank_ == plan_.pipeline_parallel - 1; }
  bool fully_sharded() const { return plan_.sharding == Sharding::parameters; }

  /// FSDP holds two gathered layers, the one in use and the next, and everything outside of layers; its own shard is
  /// the optimizer's master copy.
  std::int64_t gathered() const {
    return elements_.outer + std::min<std::int64_t>(2, elements_.layers) * layer_elements(model_, plan_);
  }

  Bytes parameters() const {
    const std::int64_t copies = fully_sharded() ? gathered() : elements_.all;
    if (!is_quantized(plan_.precision)) return Bytes(2 * copies);
    const std::int64_t layers = fully_sharded() ? std::min<std::int64_t>(2, elements_.layers) : elements_.layers;
    const std::int64_t quantized = layers * layer_matrix_elements(model_, plan_);
    const Bytes both_copies(std::llround(2 * operand_bytes(plan_.precision) * static_cast<double>(quantized)));
    return both_copies + Bytes(2 * (keeps_only_quantized(plan_.precision) ? copies - quantized : copies));
  }

  Bytes gradients() const {
    if (plan_.sharding < Sharding::gradients) return gradient_element(plan_) * elements_.all;
    const Bytes shard = gradient_element(plan_) * per_rank(elements_.all, shard_group(plan_));
    return shard + Bytes(2 * (elements_.outer + layer_elements(model_, plan_)));  // of the pass, in 16 bits
  }

  Bytes chunk_activations(std::int64_t chunk) const {
    Bytes held = layer_activations(model_, plan_) * layers_of(model_, plan_, rank_, chunk);
    if (first() && chunk == 0) held += embedding_activations(model_, plan_);
    if (last() && chunk == plan_.virtual_stages - 1) held += head_activations(model_, plan_);
    return held;
  }

  Bytes recomputed() const {
    return plan_.recompute == Recompute::full && elements_.layers > 0 ? whole_layer_activations(model_, plan_)
                                                                      : Bytes();
  }

  /// Walks the schedule; it repeats itself, so a few rounds show the peak.
  Bytes activations() const {
    const std::int64_t rounds = std::min(plan_.micro_batches(), 4 * plan_.pipeline_parallel);
    std::vector<Bytes> of_chunk;
    for (std::int64_t chunk = 0; chunk < plan_.virtual_stages; ++chunk) of_chunk.push_back(chunk_activations(chunk));
    Bytes held, peak;
    for (const auto& item : one_f_one_b(plan_.pipeline_parallel, plan_.virtual_stages, rounds, rank_)) {
      const Bytes bytes = of_chunk[static_cast<std::size_t>(item.chunk)];
      if (item.pass == Pass::forward) {
        held += bytes;
        peak = std::max(peak, held);
      } else {
        held -= bytes;
      }
    }
    return peak + recomputed();
  }

  Bytes buffers() const {
    const Share share = share_of(model_, plan_);
    const std::int64_t communicators = (plan_.tensor_parallel > 1) + (plan_.context_parallel > 1) +
                                       (plan_.pipeline_parallel > 1) + (optimizer_group(plan_) > 1);
    const Bytes gathered_rows(splits_sequence(plan_) ? 2 * share.tokens * share.hidden : 0);
    return context_bytes + cublas_workspace + communicator_bytes * communicators + gathered_rows;
  }

  const Transformer& model_;
  const TrainingPlan& plan_;
  std::int64_t rank_;
  Elements elements_;
};

}  // namespace

std::vector<StageMemory> peak_memory(const Transformer& model, const TrainingPlan& plan) {
  std::vector<StageMemory> stages;
  for (std::int64_t rank = 0; rank < plan.pipeline_parallel; ++rank)
    stages.push_back(StageLedger(model, plan, rank).memory());
  return stages;
}

}  // namespace plenum::workload
