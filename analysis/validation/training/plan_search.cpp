#include "analysis/validation/training/plan_search.hpp"

#include <algorithm>
#include <array>

#include "calibration/collectives/timing.hpp"
#include "sim/datacenter/training/stage_prices.hpp"
#include "workloads/training/memory.hpp"
#include "workloads/training/optimizer.hpp"
#include "workloads/training/step.hpp"

namespace plenum::analysis {
namespace {

using workload::GroupDimension;
using workload::TrainingPlan;

class Estimate {
 public:
  Estimate(const workload::Transformer& model, const TrainingPlan& plan, const PlanPlace& place)
      : plan_(plan),
        place_(place),
        stages_(datacenter::price_stages(training_step(model, plan), plan, place.device,
                                         datacenter::host_share(place.cluster.node))) {}

  Seconds step() const {
    Seconds slowest, optimizer, exposed;
    for (const auto& stage : stages_) {
      slowest = std::max(slowest, micro_batch(stage));
      optimizer = std::max(optimizer, pass(stage.optimizer));
      exposed = std::max(exposed, exposed_states(stage));
    }
    const double bubble = static_cast<double>(plan_.pipeline_parallel - 1) / static_cast<double>(plan_.virtual_stages);
    return slowest * (static_cast<double>(plan_.micro_batches()) + bubble) + optimizer + exposed;
  }

 private:
  Seconds micro_batch(const datacenter::PricedStage& stage) const {
    Seconds time;
    for (const auto& chunk : stage.chunks) time += pass(chunk.forward) + pass(chunk.backward) + pass(chunk.weights);
    return time;
  }

  Seconds pass(const datacenter::Segment& segment) const {
    Seconds beside, after;
    for (const auto& c : segment.issued) {
      const Seconds whole = moved(c.kind, c.bytes, static_cast<GroupDimension>(c.dimension));
      const Seconds hidden = std::min(whole * c.most_hidden, c.kernel);
      beside += hidden * c.count;
      after += (whole - hidden) * c.count;
    }
    return std::max({segment.compute(), segment.host, beside}) + after;
  }

  /// Gradients and parameters hide under a micro-batch's passes: of the last and the first one, or (FSDP) of each.
  Seconds exposed_states(const datacenter::PricedStage& stage) const {
    const auto reduction = datacenter::data_parallel_policy(plan_).reduction;
    const auto states = [&](CollectiveKind kind, const datacenter::StateBytes& bytes) {
      return moved(kind, bytes.common, GroupDimension::data) + moved(kind, bytes.experts, GroupDimension::expert_data);
    };
    Seconds time;
    for (const auto& chunk : stage.chunks)
      time += states(reduction, chunk.gradients) + states(CollectiveKind::all_gather, chunk.parameters);
    const double times =
        plan_.sharding == workload::Sharding::parameters ? static_cast<double>(plan_.micro_batches()) : 1;
    const Seconds under = plan_.overlap_data ? micro_batch(stage) : Seconds(0);
    return std::max(Seconds(0), time - under) * times;
  }

  struct Group {
    std::int64_t ranks, extent;  ///< members; GPUs from the first to the last of them
  };
  Group group_of(GroupDimension dimension) const {
    const std::int64_t tensor = plan_.tensor_parallel, context = tensor * plan_.context_parallel;
    switch (dimension) {
      case GroupDimension::tensor:
        return {tensor, tensor};
      case GroupDimension::context:
        return {plan_.context_parallel, context};
      case GroupDimension::expert:
      case GroupDimension::expert_tensor:
        return {plan_.expert_parallel, plan_.expert_parallel * plan_.expert_tensor_parallel};
      case GroupDimension::expert_data:
        return {plan_.expert_data_parallel(), plan_.ranks_per_stage()};
      default:
        return {workload::optimizer_group(plan_), plan_.ranks_per_stage()};
    }
  }

  Seconds moved(CollectiveKind kind, double bytes, GroupDimension dimension) const {
    const auto [ranks, extent] = group_of(dimension);
    if (ranks < 2 || bytes <= 0) return Seconds(0);
    const auto& node = place_.cluster.node;
    const std::int64_t domain = node.gpus * std::max<std::int64_t>(1, node.nvlink_domain_nodes);
    const std::int64_t domains = std::min(ranks, (extent + domain - 1) / domain);
    const double nics = static_cast<double>(node.nics) / static_cast<double>(node.gpus);
    const calibration::Situation situation{
        .architecture = place_.device.specification.architecture,
        .transport = place_.cluster.fabric.transport,
        .ranks = ranks,
        .domains = domains,
        .link = node.nvlink,
        .network = node.nic * std::max(1.0, nics * static_cast<double>(ranks) / static_cast<double>(domains))};
    const Bytes size(static_cast<std::int64_t>(bytes));
    return alone(situation, kind, choose(situation, kind, size), size);
  }

  const TrainingPlan& plan_;
  const PlanPlace& place_;
  std::vector<datacenter::PricedStage> stages_;
};

/// Not interleaved, and with a layer per chunk or two.
std::vector<std::int64_t> interleavings(const workload::Transformer& model, std::int64_t pipeline) {
  std::vector<std::int64_t> chunks{1};
  for (const std::int64_t layers : {2, 1})
    if (pipeline > 1 && model.layers % (pipeline * layers) == 0 && model.layers / (pipeline * layers) > 1)
      chunks.push_back(model.layers / (pipeline * layers));
  return chunks;
}

}  // namespace

std::optional<TrainingPlan> fastest_plan(const workload::Transformer& model, const TrainingPlan& written,
                                         const PlanPlace& place) {
  const Bytes capacity = place.device.specification.memory;
  std::optional<TrainingPlan> best;
  Seconds least;
  const auto consider = [&](TrainingPlan plan) {
    if (!workload::complete(plan, model, place.gpus).empty() || !workload::fits(model, plan, capacity)) return;
    if (plan.recompute == workload::Recompute::automatic) recompute_least(model, plan, capacity);
    const Seconds time = Estimate(model, plan, place).step();
    if (!best || time < least) best = plan, least = time;
  };
  const std::vector<std::int64_t> micro_batches =
      written.micro_batch > 0 ? std::vector{written.micro_batch} : std::vector<std::int64_t>{1, 2, 4};
  for (const std::int64_t pipeline : {1, 2, 4, 8, 16, 32})
    for (const std::int64_t chunks : interleavings(model, pipeline))
      for (const std::int64_t tensor : {1, 2, 4, 8})
        for (const std::int64_t context : {1, 2, 4, 8})
          for (const std::int64_t micro_batch : micro_batches) {
            TrainingPlan plan = written;
            plan.pipeline_parallel = pipeline, plan.virtual_stages = chunks;
            plan.tensor_parallel = tensor, plan.context_parallel = context;
            plan.micro_batch = micro_batch;
            consider(std::move(plan));
          }
  return best;
}

}  // namespace plenum::analysis
