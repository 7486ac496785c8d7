#include "sim/datacenter/training/stage_prices.hpp"

#include <algorithm>
#include <cmath>

namespace plenum::datacenter {
namespace {

using workload::Sharding;

/// Elements of a gradient bucket of Megatron's distributed optimizer: max(40 M, 1 M x data-parallel size)
/// (Megatron-LM, megatron/core/distributed/distributed_data_parallel.py).
std::int64_t bucket_elements(std::int64_t data_parallel_ranks) {
  return std::max<std::int64_t>(40'000'000, 1'000'000 * data_parallel_ranks);
}

/// FSDP moves a chunk layer by layer, the distributed optimizer bucket by bucket, at most a layer at a time.
std::int64_t pieces_of(const workload::Chunk& chunk, const workload::TrainingStep& step) {
  const std::int64_t layers = std::max<std::int64_t>(1, chunk.layers);
  if (step.gathers_each_pass) return layers;
  const double buckets = static_cast<double>(chunk.parameters + chunk.expert_parameters) /
                         static_cast<double>(bucket_elements(step.optimizer_group));
  return std::clamp<std::int64_t>(std::llround(std::ceil(buckets)), 1, layers);
}

PricedChunk price_chunk(const workload::Chunk& chunk, const workload::TrainingStep& step,
                        const workload::TrainingPlan& plan, const calibration::Device& device, const HostShare& host,
                        const calibration::Variation& variation) {
  const auto priced = [&](const workload::Operations& operations) {
    return price(operations, device, plan.ranks(), plan.host_per_kernel, variation);
  };
  const auto states = [&chunk](double bytes) {
    return StateBytes{static_cast<double>(chunk.parameters) * bytes,
                      static_cast<double>(chunk.expert_parameters) * bytes};
  };
  const double gathered = plan.sharding == Sharding::none ? 0 : static_cast<double>(step.parameter_element.value());
  return {.forward = priced(chunk.forward),
          .backward = priced(chunk.backward),
          .weights = priced(chunk.weights),
          .pieces = pieces_of(chunk, step),
          .gradients = states(static_cast<double>(step.gradient_element.value())),
          .parameters = states(gathered),
          .offload = copy_time(chunk.offloaded, host),
          .layers = std::max<std::int64_t>(1, chunk.layers),
          .host_up = copy_time(chunk.host_up, host),
          .host_down = copy_time(chunk.host_down, host)};
}

}  // namespace

std::vector<PricedStage> price_stages(const workload::TrainingStep& step, const workload::TrainingPlan& plan,
                                      const calibration::Device& device, const HostShare& host,
                                      const calibration::Variation& variation) {
  std::vector<PricedStage> stages;
  for (const workload::Stage& stage : step.stages) {
    PricedStage& priced = stages.emplace_back();
    const auto rank = static_cast<std::int64_t>(stages.size()) - 1;
    for (const workload::Chunk& chunk : stage.chunks) {
      const auto index = static_cast<std::int64_t>(priced.chunks.size());
      priced.chunks.push_back(price_chunk(chunk, step, plan, device, host, variation));
      priced.chunks.back().next = next_of(plan, rank, index);
      priced.chunks.back().previous = previous_of(plan, rank, index);
    }
    priced.schedule = stage.schedule;
    priced.optimizer = price(stage.optimizer, device, plan.ranks(), plan.host_per_kernel, variation);
    priced.host_update = update_time(stage.host, host, plan.overlap_offload);
    priced.splits_backward = splits_backward(plan.schedule);
    priced.boundary = step.boundary;
    priced.multiprocessors = std::max(1.0, static_cast<double>(device.specification.multiprocessors));
  }
  return stages;
}

DataParallelPolicy data_parallel_policy(const workload::TrainingPlan& plan) {
  const bool every_layer = plan.sharding == Sharding::parameters;
  // A pipeline adds up the gradients of its micro-batches and keeps the parameters (MegaScale, Llama 3); FSDP does
  // neither.
  const bool every_pass = every_layer || (plan.sharding == Sharding::gradients && plan.pipeline_parallel == 1);
  return {.gather_every_forward = every_pass,
          .gather_every_backward = every_layer,
          .reduce_every_backward = every_pass,
          .gathers_ahead = every_pass ? 2 : 0,
          .overlap = plan.overlap_data,
          .reduction = plan.sharding == Sharding::none ? CollectiveKind::all_reduce : CollectiveKind::reduce_scatter,
          .shards = shards_data(plan) ? plan.shards : 0};
}

calibration::Footing footing_of(const std::vector<PricedStage>& stages) {
  auto weakest = calibration::Footing::measured;
  const auto consider = [&weakest](const Segment& s) { weakest = calibration::weaker(weakest, s.footing); };
  for (const PricedStage& stage : stages) {
    for (const PricedChunk& chunk : stage.chunks) {
      consider(chunk.forward);
      consider(chunk.backward);
      consider(chunk.weights);
    }
    consider(stage.optimizer);
  }
  return weakest;
}

}  // namespace plenum::datacenter
