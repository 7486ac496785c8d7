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

/// What prices hang on beside the work.
struct Pricing {
  const workload::TrainingPlan& plan;
  const calibration::Device& device;
  const HostShare& host;
  const calibration::Variation& variation;
  calibration::OperatingPoint point{};
  Segment of(const workload::Operations& operations) const {
    return price(operations, device, plan.ranks(), plan.host_per_kernel, variation, point);
  }
};

PricedChunk price_chunk(const workload::Chunk& chunk, const workload::TrainingStep& step, const Pricing& pricing) {
  const auto& plan = pricing.plan;
  const auto states = [&chunk](double bytes) {
    return StateBytes{static_cast<double>(chunk.parameters) * bytes,
                      static_cast<double>(chunk.expert_parameters) * bytes};
  };
  const double gathered = plan.sharding == Sharding::none ? 0 : static_cast<double>(step.parameter_element.value());
  return {.forward = pricing.of(chunk.forward),
          .backward = pricing.of(chunk.backward),
          .weights = pricing.of(chunk.weights),
          .pieces = pieces_of(chunk, step),
          .gradients = states(static_cast<double>(step.gradient_element.value())),
          .parameters = states(gathered),
          .offload = copy_time(chunk.offloaded, pricing.host),
          .layers = std::max<std::int64_t>(1, chunk.layers),
          .host_up = copy_time(chunk.host_up, pricing.host),
          .host_down = copy_time(chunk.host_down, pricing.host)};
}

/// Share of products and attention in what a stage computes during a step.
double share_at_full_power(const PricedStage& stage, const workload::TrainingPlan& plan) {
  Seconds all = stage.optimizer.compute(), full_power{};
  for (const PricedChunk& chunk : stage.chunks)
    for (const Segment* segment : {&chunk.forward, &chunk.backward, &chunk.weights}) {
      all = all + static_cast<double>(plan.micro_batches()) * segment->compute();
      full_power = full_power + static_cast<double>(plan.micro_batches()) * segment->at_full_power();
    }
  return all.value() > 0 ? full_power / all : 0;
}

PricedStage price_stage(const workload::TrainingStep& step, std::int64_t rank, const Pricing& pricing) {
  const workload::Stage& stage = step.stages[static_cast<std::size_t>(rank)];
  PricedStage priced;
  for (const workload::Chunk& chunk : stage.chunks) {
    const auto index = static_cast<std::int64_t>(priced.chunks.size());
    priced.chunks.push_back(price_chunk(chunk, step, pricing));
    priced.chunks.back().next = next_of(pricing.plan, rank, index);
    priced.chunks.back().previous = previous_of(pricing.plan, rank, index);
  }
  priced.schedule = stage.schedule;
  priced.optimizer = pricing.of(stage.optimizer);
  priced.host_update = update_time(stage.host, pricing.host, pricing.plan.overlap_offload);
  priced.splits_backward = splits_backward(pricing.plan.schedule);
  priced.boundary = step.boundary;
  priced.beside = calibration::HeldMultiprocessors(pricing.device);
  return priced;
}

}  // namespace

std::vector<PricedStage> price_stages(const workload::TrainingStep& step, const workload::TrainingPlan& plan,
                                      const calibration::Device& device, const HostShare& host,
                                      const calibration::Variation& variation) {
  constexpr int rounds = 4;  // shares of time depend on the clock that they decide
  std::vector<PricedStage> stages;
  for (std::int64_t rank = 0; rank < std::ssize(step.stages); ++rank) {
    Pricing pricing{plan, device, host, variation};
    stages.push_back(price_stage(step, rank, pricing));
    for (int round = 0; round < rounds; ++round) {
      pricing.point = device.operating_point(share_at_full_power(stages.back(), plan));
      if (pricing.point.relief == 1) break;
      stages.back() = price_stage(step, rank, pricing);
    }
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
