#include "workloads/training/optimizer.hpp"

#include "workloads/training/offload.hpp"
#include "workloads/training/quantization.hpp"
#include "workloads/training/rank_work.hpp"

namespace plenum::workload {
namespace {

void synchronize_tied_embeddings(RankWork& work) {
  work.communicate("reduce_tied_embeddings", CollectiveKind::all_reduce, GroupDimension::embedding,
                   gradient_element(work.plan) * (work.share.vocabulary * work.share.hidden));
}

/// With sequence parallelism every tensor-parallel rank saw other rows, so gradients of norms are summed.
void synchronize_norms(RankWork& work, const std::vector<LayerCount>& layers) {
  std::int64_t norms = 0;
  for (const auto& [kind, count] : layers)  // norms of diffusion transformers have no elements to speak of
    if (!is_denoising(kind.mixer))
      norms +=
          count * work.model.norms_of_block() * ((kind.mixer != Mixer::none ? 1 : 0) + (kind.mlp != Mlp::none ? 1 : 0));
  if (!splits_sequence(work.plan) || norms == 0 || !work.trains_everything()) return;
  work.communicate("reduce_norm_gradients", CollectiveKind::all_reduce, GroupDimension::tensor,
                   gradient_element(work.plan) * (norms * work.model.norm_parameters()));
}

/// The squared norm, one number, over everybody who holds a part of it.
void reduce_norm(RankWork& work) {
  const auto reduce = [&](GroupDimension group, std::int64_t ranks) {
    if (ranks > 1) work.communicate("reduce_gradient_norm", CollectiveKind::all_reduce, group, Bytes(4));
  };
  if (shard_group(work.plan) > 1) reduce(GroupDimension::data, optimizer_group(work.plan));
  reduce(GroupDimension::tensor, work.plan.tensor_parallel);
  reduce(GroupDimension::pipeline, work.plan.pipeline_parallel);
}

/// `bytes` of each element.
void clip(RankWork& work, std::int64_t elements, double bytes) {
  work.move("gradient_norm", Family::optimizer, elements, {bytes, 1});
  reduce_norm(work);
  work.move("clip_gradients", Family::optimizer, elements, {2 * bytes, 1});
}

}  // namespace

std::int64_t optimizer_group(const TrainingPlan& plan) { return plan.data_parallel * plan.context_parallel; }

std::int64_t shard_group(const TrainingPlan& plan) {
  if (plan.sharding == Sharding::none) return 1;
  return plan.shards > 0 ? plan.shards : optimizer_group(plan);
}

std::int64_t expert_shard_group(const TrainingPlan& plan) {
  return plan.sharding == Sharding::none ? 1 : plan.expert_data_parallel();
}

std::int64_t own_shard(const TrainingPlan& plan, const Elements& elements) {
  const auto part = [](std::int64_t whole, std::int64_t group) { return (whole + group - 1) / group; };
  return part(elements.common, shard_group(plan)) + part(elements.experts, expert_shard_group(plan));
}

Bytes gradient_element(const TrainingPlan& plan) { return Bytes(plan.gradient_precision == Precision::fp32 ? 4 : 2); }

/// Transformer Engine gathers fp8 parameters as the products read them; block formats are cast after gathering in bf16.
Bytes parameter_element(const TrainingPlan& plan) {
  const bool engine = plan.precision == Precision::fp8 && plan.casts == Casts::cached;
  return Bytes((engine && plan.sharding != Sharding::parameters) || gathers_quantized(plan) ? 1 : 2);
}

namespace {

/// Once per step: Transformer Engine keeps the copies for all micro-batches. Parameters that are gathered in 8 bits are
/// cast where they stand, of which one scale per tensor is found for all of them together.
void cast_weights(RankWork& work, std::int64_t own, std::int64_t matrices) {
  const Precision precision = work.plan.precision;
  if (!is_quantized(precision) || !work.trains_everything()) return;
  if (work.plan.casts == Casts::cached) work.move("cast_weights", Family::optimizer, matrices, cast(precision));
  if (gathers_quantized(work.plan))
    work.move("cast_weights", Family::optimizer, own, {4 + 4 + operand_bytes(precision), 2});
}

}  // namespace

Operations optimizer_work(const Transformer& model, const TrainingPlan& plan, const Trained& trained) {
  RankWork work(model, plan);
  const std::int64_t own = own_shard(plan, trained.elements), updated = own - offloaded(plan, own);
  // What of the gradients stands on the GPU, and of that what it keeps between micro-batches.
  const std::int64_t here = offloads_shards(plan) ? updated : own;
  const std::int64_t kept = plan.sharding >= Sharding::gradients ? here : trained.elements.all();
  const double gradient = static_cast<double>(gradient_element(plan).value());

  if (trained.holds_tied_copy) synchronize_tied_embeddings(work);
  synchronize_norms(work, trained.layers);
  if (optimizer_group(plan) > 1) work.move("average_gradients", Family::optimizer, kept, {2 * gradient, 1});
  if (plan.clip_gradients) clip(work, here, gradient);
  // Reads gradient, master weight and both moments, writes the latter three and the 16-bit weight.
  work.move("adam", Family::optimizer, updated, {gradient + 2 * (4 + 4 + 4) + 2, 1, MemoryKernel::optimizer});
  work.move("zero_gradients", Family::optimizer, kept, {gradient, 1});
  cast_weights(work, own, matrix_elements_of(model, plan, trained.layers).all());
  return std::move(work.operations);
}

}  // namespace plenum::workload
