#include "sim/datacenter/serving/step_extras.hpp"

#include <algorithm>
#include <cmath>

#include "workloads/serving/adapter_layers.hpp"
#include "workloads/serving/serving_memory.hpp"

namespace plenum::datacenter {
namespace {

/// The host prepares a step once; drafts are launched along with it.
workload::EngineProfile without_host(workload::EngineProfile engine) {
  engine.step_host = engine.sequence_host = Seconds(0);
  return engine;
}

std::vector<RankStep> prompts_alone(std::span<const RankStep> ranks) {
  std::vector<RankStep> prompts;
  for (const RankStep& rank : ranks) prompts.push_back({.chunks = rank.chunks});
  return prompts;
}

}  // namespace

StepExtras::StepExtras(const scenario::BoundServing& job, const scenario::Pool& pool, const calibration::Device& device,
                       const topology::NodeSpecification& node)
    : job_(job),
      device_(device),
      draft_engine_(without_host(job.engine)),
      kv_bytes_per_token_(static_cast<double>(workload::kv_bytes_per_token(job.model, pool.plan).value())) {
  if (job.draft) draft_.emplace(*job.draft, pool.plan, draft_engine_, device, node);
  if (!job.options.adapters) return;
  adapter_bytes_ =
      static_cast<double>(workload::adapter_bytes(job.model, pool.plan, job.options.adapters->rank).value());
  adapter_kernels_ = workload::adapter_kernels(job.model, pool.plan);
}

/// One pass of the draft per token and, for its own KV cache, one over the prompts.
Seconds StepExtras::drafted(std::span<const RankStep> ranks) {
  const auto most = std::ranges::max_element(ranks, {}, &RankStep::decodes);
  std::int64_t all = 0;
  bool prompts = false;
  for (const RankStep& rank : ranks) {
    all += rank.decodes;
    prompts |= !rank.chunks.empty();
  }
  Seconds time = prompts ? draft_->step(prompts_alone(ranks)) : Seconds(0);
  if (most->decodes > 0)
    time += static_cast<double>(job_.options.speculation->tokens) *
            draft_->decode_step(most->decodes, most->decode_context, all);
  return time;
}

/// The matrices of every adapter in the batch are read once.
Seconds StepExtras::adapted(std::int64_t adapters) const {
  if (adapters == 0) return Seconds(0);
  const double each = static_cast<double>(adapters) * adapter_bytes_ / static_cast<double>(adapter_kernels_);
  return static_cast<double>(adapter_kernels_) * device_.memory_bound(Bytes(std::llround(each))).time;
}

Seconds StepExtras::per_step(std::span<const RankState> states, std::span<const RankStep> ranks) {
  std::int64_t adapters = 0;
  for (const RankState& state : states) adapters = std::max(adapters, static_cast<std::int64_t>(state.adapters.used()));
  return (draft_ ? drafted(ranks) : Seconds(0)) + adapted(adapters);
}

Seconds StepExtras::moved(std::span<RankState> states) const {
  double bytes = 0;
  for (RankState& state : states) {
    bytes = std::max(bytes, static_cast<double>(state.swapped_tokens) * kv_bytes_per_token_ +
                                static_cast<double>(state.adapters_loaded) * adapter_bytes_);
    state.swapped_tokens = state.adapters_loaded = 0;
  }
  return Seconds(bytes / job_.host_link.value());
}

std::unique_ptr<StepExtras> make_extras(const scenario::BoundServing& job, const scenario::Pool& pool,
                                        const calibration::Device& device, const topology::NodeSpecification& node) {
  const bool swaps = job.options.preemption == scenario::Preemption::swap;
  if (!job.draft && !job.options.adapters && !swaps) return nullptr;
  return std::make_unique<StepExtras>(job, pool, device, node);
}

}  // namespace plenum::datacenter
