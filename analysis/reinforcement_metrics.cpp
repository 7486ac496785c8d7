#include "analysis/reinforcement_metrics.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/cost.hpp"
#include "analysis/energy.hpp"
#include "workloads/serving/serving_memory.hpp"
#include "workloads/training/flops.hpp"

namespace plenum::analysis {
namespace {

using datacenter::Phase;

/// On the GPUs of training: all that computes there.
bool trains(Phase phase) { return phase >= Phase::reward_model && phase <= Phase::actor_update; }
/// On all GPUs of the job.
bool moves(Phase phase) { return phase == Phase::load || phase == Phase::weight_sync || phase == Phase::offload; }

void add_phases(ReinforcementMetrics& m, const datacenter::ReinforcementResult& result) {
  auto spans = result.phases;
  std::ranges::stable_sort(spans, {}, [](const auto& span) { return std::pair(span.start, span.phase); });
  for (const auto& span : spans) {
    auto place = std::ranges::find(m.phases, span.phase, &PhaseTime::phase);
    if (place == m.phases.end()) place = m.phases.insert(place, {span.phase, {}, 0});
    place->time += span.end - span.start;
    ++place->spans;
  }
}

void add_samples(ReinforcementMetrics& m, const datacenter::ReinforcementResult& result) {
  m.samples = result.samples.size();
  const auto count = static_cast<double>(m.samples);
  for (const auto& sample : result.samples) {
    m.tokens += sample.tokens();
    m.mean_prompt += sample.prompt / count;
    m.mean_response += sample.response / count;
    m.longest_response = std::max<double>(m.longest_response, sample.response);
  }
  for (const auto& plan : result.updates)
    m.micro_batches += static_cast<double>(plan.micro_batches()) / static_cast<double>(result.updates.size());
}

/// Of the times at which responses were done.
void add_rollout(ReinforcementMetrics& m, const scenario::BoundReinforcement& job,
                 const datacenter::ReinforcementResult& result) {
  if (!result.rollout) return;
  const double time = m.time_of(Phase::rollout).value();
  std::vector<double> done;
  double generated = 0;
  for (const auto& request : result.rollout->requests) {
    done.push_back(request.done.value());
    generated += request.output;
  }
  std::ranges::sort(done);
  m.tail = (done.back() - done[(done.size() * 9 + 9) / 10 - 1]) / time;  // from when nine tenths are done
  m.generated_tokens_per_second_per_gpu = generated / time / static_cast<double>(m.rollout_gpus);
  m.rollout_idle = 1 - result.rollout->pool.busy_seconds / (static_cast<double>(job.rollout->pool.replicas) * time);
}

void add_idle(ReinforcementMetrics& m, const scenario::BoundReinforcement& job,
              const datacenter::ReinforcementResult& result) {
  double busy = 0;
  for (const auto& [phase, time, spans] : m.phases) {
    if (trains(phase)) busy += time.value() * static_cast<double>(m.training_gpus);
    if (moves(phase)) busy += time.value() * static_cast<double>(m.gpus);
  }
  if (result.rollout) busy += result.rollout->pool.busy_seconds * static_cast<double>(job.rollout->pool.plan.gpus());
  m.idle = 1 - busy / (m.step.value() * static_cast<double>(m.gpus));
}

void add_mfu(ReinforcementMetrics& m, const scenario::Bound& bound, const scenario::BoundReinforcement& job,
             const datacenter::ReinforcementResult& result) {
  const auto& peaks = bound.device.specification.peak;
  const auto peak = peaks.find(job.plan.precision);
  if (peak == peaks.end()) return;
  double flops = 0;
  for (const auto& plan : result.updates) flops += workload::model_flops(job.model, plan).value();
  const double time = m.time_of(Phase::actor_update).value() * static_cast<double>(m.training_gpus);
  m.update_mfu = flops * static_cast<double>(job.epochs) / (time * peak->second.value());
}

/// The least of what waits in host memory that makes room. Else what makes every role smaller: how much of it is enough
/// depends on how samples are packed then.
std::vector<std::string> ways_to_fit(const scenario::BoundReinforcement& job, const ReinforcementMemory& memory) {
  if (memory.training <= memory.capacity) return {};
  if (job.offload != workload::Offload::all && memory.roles.training(workload::Offload::all) <= memory.capacity)
    return {"offload: all"};
  return {"more tensor_parallel or pipeline_parallel", "a smaller micro_batch or recompute: \"full\""};
}

void add_memory(ReinforcementMetrics& m, const scenario::Bound& bound, const scenario::BoundReinforcement& job,
                const datacenter::ReinforcementResult& result) {
  ReinforcementMemory& memory = m.memory;
  memory.capacity = bound.device.specification.memory;
  const auto& fullest = *std::ranges::max_element(
      result.updates, {}, [](const auto& plan) { return plan.micro_batch * plan.sequence_length; });
  memory.roles = job.memory(fullest);
  memory.training = memory.roles.training(job.offload);
  memory.ways_to_fit = ways_to_fit(job, memory);
  if (!job.rollout) return;
  const auto& pool = job.rollout->pool;
  memory.weights = workload::weight_bytes(job.model, pool.plan);
  memory.kv_cache = workload::kv_bytes_per_token(job.model, pool.plan) * pool.kv_tokens;
  memory.generating = memory.weights + memory.kv_cache + job.rollout->engine.reserved;
  if (job.colocated()) memory.generating += memory.roles.resident(job.offload);
}

}  // namespace

Seconds ReinforcementMetrics::time_of(Phase phase) const {
  const auto place = std::ranges::find(phases, phase, &PhaseTime::phase);
  return place == phases.end() ? Seconds{} : place->time;
}

ReinforcementMetrics measure(const scenario::Bound& bound, const scenario::BoundReinforcement& job,
                             const datacenter::ReinforcementResult& result) {
  ReinforcementMetrics m;
  m.job = result.job;
  m.step = result.step;
  m.gpus = job.gpus();
  m.training_gpus = job.plan.ranks();
  m.rollout_gpus = job.rollout ? job.rollout->gpus() : 0;
  m.footing = result.footing;
  m.sync_bytes = result.sync_bytes;
  add_phases(m, result);
  add_samples(m, result);
  m.tokens_per_second_per_gpu = m.tokens / m.step.value() / static_cast<double>(m.gpus);
  add_rollout(m, job, result);
  add_idle(m, job, result);
  add_mfu(m, bound, job, result);
  add_memory(m, bound, job, result);
  m.power = facility_power(bound, job.first_gpu, m.gpus);
  m.energy_per_step = m.power * m.step;
  m.costs = costs(bound.economy,
                  {.step = m.step, .gpus = m.gpus, .tokens = m.tokens, .run_tokens = 0, .energy = m.energy_per_step});
  return m;
}

}  // namespace plenum::analysis
