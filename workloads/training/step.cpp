#include "workloads/training/step.hpp"

#include <algorithm>
#include <functional>

#include "workloads/training/activation_offload.hpp"
#include "workloads/training/elements.hpp"
#include "workloads/training/encoder.hpp"
#include "workloads/training/ends.hpp"
#include "workloads/training/flops.hpp"
#include "workloads/training/layer.hpp"
#include "workloads/training/optimizer.hpp"
#include "workloads/training/rank_work.hpp"
#include "workloads/training/share.hpp"

namespace plenum::workload {
namespace {

void append(Operations& to, const Operations& what, std::int64_t times = 1) {
  for (Operation operation : what) {
    operation.count *= times;
    to.push_back(operation);
  }
}

/// With the tokens of images for layers further on that attend to them.
Bytes whole_boundary(const Transformer& model, const TrainingPlan& plan) {
  const std::int64_t images = model.looks_at_images() ? image_rows(model, plan) : 0;
  const Share share = share_of(model, plan);
  return Bytes(2 * (share.tokens + images) * share.hidden);
}

/// Without sequence parallelism all tensor-parallel ranks hold the same rows: each sends its part over the network and
/// the receivers gather inside their domain (scatter/gather optimization, Narayanan 2021, 4.1).
bool gathers_boundary(const TrainingPlan& plan) {
  return plan.tensor_parallel > 1 && !plan.sequence_parallel && plan.pipeline_parallel > 1;
}

/// What only the optimizer waits for.
bool is_weight_gradient(const Operation& operation) {
  return operation.name.ends_with("weight_gradient") || operation.name == "bias_gradient" ||
         operation.name == "gradient_accumulation";
}

class StepBuilder {
 public:
  StepBuilder(const Transformer& model, const TrainingPlan& plan) : model_(model), plan_(plan) {
    if (gathers_boundary(plan))
      gather_boundary_.push_back(
          {"gather_boundary", Family::communication,
           Communication{CollectiveKind::all_gather, GroupDimension::tensor, whole_boundary(model, plan), false}});
  }

  Stage stage(std::int64_t rank) const {
    Stage stage;
    Trained trained{.elements = {}, .layers = {}, .holds_tied_copy = holds_tied_copy(rank)};
    for (std::int64_t index = 0; index < plan_.virtual_stages; ++index) {
      const auto layers = layer_counts_of(model_, plan_, rank, index);
      stage.chunks.push_back(chunk(rank, index, layers));
      const Chunk& made = stage.chunks.back();
      trained.elements = trained.elements + Elements{made.parameters, made.expert_parameters};
      trained.layers.insert(trained.layers.end(), layers.begin(), layers.end());
    }
    stage.schedule =
        pipeline_schedule(plan_.schedule, plan_.pipeline_parallel, plan_.virtual_stages, plan_.micro_batches(), rank);
    stage.optimizer = optimizer_work(model_, plan_, trained);
    stage.host = host_update(plan_, trained.elements);
    return stage;
  }

 private:
  bool holds_tied_copy(std::int64_t rank) const {
    const bool end = stands_first(plan_, rank, 0) || stands_last(plan_, rank, plan_.virtual_stages - 1);
    return model_.tied_embeddings && plan_.adapter_rank == 0 && ends_apart(plan_) && end;
  }

  Chunk chunk(std::int64_t rank, std::int64_t index, const std::vector<LayerCount>& layers) const {
    Chunk chunk;
    for (const LayerCount& of_kind : layers) chunk.layers += of_kind.count;
    chunk.embedding = stands_first(plan_, rank, index);
    chunk.head = stands_last(plan_, rank, index);
    count_trained(chunk, layers);
    chunk.host_up = shard_up(plan_, {chunk.parameters, chunk.expert_parameters});
    chunk.host_down = shard_down(plan_, {chunk.parameters, chunk.expert_parameters});
    chunk.offloaded = layers_activations(model_, plan_, layers).away;
    chunk.forward = forward(chunk, layers);
    chunk.backward = backward(chunk, layers);
    if (splits_backward(plan_.schedule)) {
      const auto weights = std::ranges::stable_partition(chunk.backward, std::not_fn(is_weight_gradient));
      chunk.weights.assign(weights.begin(), weights.end());
      chunk.backward.erase(weights.begin(), weights.end());
    }
    return chunk;
  }

  void count_trained(Chunk& chunk, const std::vector<LayerCount>& layers) const {
    if (plan_.adapter_rank > 0) {
      for (const auto& [kind, count] : layers) chunk.parameters += count * adapter_elements(model_, plan_, kind);
      return;
    }
    if (chunk.embedding) chunk.outer_parameters += trained_embedding_elements(model_, plan_);
    if (chunk.head) chunk.outer_parameters += head_elements(model_, plan_);
    const Elements elements = elements_of(model_, plan_, layers);
    chunk.parameters = chunk.outer_parameters + elements.common;
    chunk.expert_parameters = elements.experts;
  }

  Operations forward(const Chunk& chunk, const std::vector<LayerCount>& layers) const {
    Operations operations;
    append(operations, chunk.embedding ? embedding_forward(model_, plan_) : gather_boundary_);
    for (const auto& [kind, count] : layers) append(operations, layer_forward(model_, plan_, kind), count);
    if (chunk.head) append(operations, head_forward(model_, plan_));
    append(operations, copies(chunk, gathered_parameter(parameter_element(plan_))));
    return operations;
  }

  Operations backward(const Chunk& chunk, const std::vector<LayerCount>& layers) const {
    Operations operations;
    append(operations, chunk.head ? head_backward(model_, plan_) : gather_boundary_);
    const auto [again, kept] = recomputed_of(plan_, layers);
    for (const auto& [kind, count] : again) append(operations, layer_backward(model_, plan_, kind), count);
    for (const auto& [kind, count] : kept) append(operations, layer_backward(model_, keeping_, kind), count);
    if (chunk.embedding) append(operations, embedding_backward(model_, plan_));
    append(operations, copies(chunk, gathered_parameter(parameter_element(plan_)) + gradient_to_reduce(plan_)));
    return operations;
  }

  /// Around the collectives of sharded parameters; a kernel or two for each layer.
  Operations copies(const Chunk& chunk, Traffic traffic) const {
    if (plan_.sharding != Sharding::parameters || plan_.shards_in_place) return {};
    RankWork work(model_, plan_);
    traffic.launches *= chunk.layers;
    work.move("copy_shards", Family::sharding, chunk.parameters + chunk.expert_parameters, traffic);
    return std::move(work.operations);
  }

  const Transformer& model_;
  const TrainingPlan& plan_;
  const TrainingPlan keeping_ = without_full_recompute(plan_);
  Operations gather_boundary_;  ///< nothing with sequence parallelism
};

}  // namespace

TrainingStep training_step(const Transformer& model, const TrainingPlan& plan) {
  TrainingStep step;
  const StepBuilder builder(model, plan);
  for (std::int64_t rank = 0; rank < plan.pipeline_parallel; ++rank) step.stages.push_back(builder.stage(rank));
  step.boundary = whole_boundary(model, plan) / plan.tensor_parallel;
  step.gradient_element = gradient_element(plan);
  step.parameter_element = parameter_element(plan);
  step.optimizer_group = optimizer_group(plan);
  step.shard_group = shard_group(plan);
  step.gathers_each_pass = plan.sharding == Sharding::parameters;
  step.tokens = plan.global_batch * plan.sequence_length;
  step.model_flops = model_flops(model, plan);
  step.hardware_flops = hardware_flops(model, plan);
  return step;
}

}  // namespace plenum::workload
