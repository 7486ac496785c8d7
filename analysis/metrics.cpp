#include "analysis/metrics.hpp"

#include <fmt/format.h>

#include "analysis/cost.hpp"
#include "analysis/energy.hpp"
#include "workloads/training/flops.hpp"
#include "workloads/training/step.hpp"

namespace plenum::analysis {
namespace {

/// Dense peak of a format, or of the one that the same tensor cores run it at.
FlopsPerSecond peak_of(const calibration::Device& device, Precision precision) {
  const auto& peaks = device.specification.peak;
  for (const auto candidate : {precision, Precision::fp8, Precision::bf16}) {
    if (candidate == Precision::fp8 && bytes_per_element(precision) > 1) continue;
    if (const auto found = peaks.find(candidate); found != peaks.end()) return found->second;
  }
  return {};
}

/// The mean of a job's GPUs.
FlopsPerSecond peak_of(const scenario::Bound& bound, const scenario::BoundTraining& job) {
  if (bound.other_devices.empty()) return peak_of(bound.device, job.plan.precision);
  FlopsPerSecond sum{};
  for (std::int64_t rank = 0; rank < job.plan.ranks(); ++rank)
    sum += peak_of(bound.device_at(job.first_gpu + rank), job.plan.precision);
  return sum / static_cast<double>(job.plan.ranks());
}

void add_memory(TrainingMetrics& metrics, const scenario::Bound& bound, const scenario::BoundTraining& job) {
  metrics.memory = workload::peak_memory(job.model, job.plan);
  const auto& node = bound.specification.node;
  metrics.capacity = {scenario::least_memory(bound.devices_of(job.first_gpu, job.plan.ranks())),
                      node.host.bandwidth.value() > 0 ? node.host.memory / node.gpus : Bytes(0)};
  metrics.ways_to_fit = workload::ways_to_fit(job.model, job.plan, metrics.capacity);
}

void add_rates(TrainingMetrics& metrics, const workload::TrainingStep& work, double gpus, FlopsPerSecond peak) {
  metrics.tokens_per_second = static_cast<double>(work.tokens) / metrics.step.value();
  metrics.tokens_per_second_per_gpu = metrics.tokens_per_second / gpus;
  metrics.model_flops_per_gpu = work.model_flops / metrics.step / gpus;
  metrics.hardware_flops_per_gpu = work.hardware_flops / metrics.step / gpus;
  if (peak.value() <= 0) return;
  metrics.mfu = metrics.model_flops_per_gpu / peak;
  metrics.hfu = metrics.hardware_flops_per_gpu / peak;
}

double members_of(const std::vector<datacenter::RankClass>& ranks) {
  double members = 0;
  for (const auto& rank : ranks) members += static_cast<double>(rank.members);
  return members;
}

}  // namespace

datacenter::Breakdown mean_breakdown(const std::vector<datacenter::RankClass>& ranks) {
  datacenter::Breakdown sum{};
  const double members = members_of(ranks);
  for (const auto& rank : ranks) {
    const double weight = static_cast<double>(rank.members) / members;
    for (std::size_t part = 0; part < sum.size(); ++part) sum[part] += weight * rank.parts[part];
  }
  return sum;
}

datacenter::Exposed mean_exposed(const std::vector<datacenter::RankClass>& ranks) {
  datacenter::Exposed sum{};
  const double members = members_of(ranks);
  for (const auto& rank : ranks) {
    const double weight = static_cast<double>(rank.members) / members;
    for (std::size_t part = 0; part < sum.size(); ++part)
      for (std::size_t kind = 0; kind < sum[part].size(); ++kind) sum[part][kind] += weight * rank.exposed[part][kind];
  }
  return sum;
}

TrainingMetrics measure(const scenario::Bound& bound, const scenario::BoundTraining& job,
                        const datacenter::TrainingResult& result) {
  const auto work = workload::training_step(job.model, job.plan);
  const auto gpus = job.plan.ranks();
  TrainingMetrics metrics;
  metrics.job = result.job;
  metrics.step = result.step;
  metrics.footing = result.footing;
  metrics.flop_formula = fmt::format("MFU = model FLOPs / (step x GPUs x dense peak); {}; HFU adds recomputation",
                                     workload::flops_formula(job.model));
  metrics.parts = mean_breakdown(result.ranks);
  metrics.exposed = mean_exposed(result.ranks);
  metrics.kernel_error = kernel_error(bound.device_at(job.first_gpu), metrics.parts, job.plan.precision);
  add_rates(metrics, work, static_cast<double>(gpus), peak_of(bound, job));
  add_memory(metrics, bound, job);
  metrics.power = facility_power(bound, job.first_gpu, gpus);
  metrics.energy_per_step = metrics.power * metrics.step;
  metrics.costs = costs(bound.economy, {.step = metrics.step,
                                        .gpus = gpus,
                                        .tokens = static_cast<double>(work.tokens),
                                        .run_tokens = static_cast<double>(job.tokens),
                                        .energy = metrics.energy_per_step});
  return metrics;
}

}  // namespace plenum::analysis
