#include "analysis/generation_metrics.hpp"

#include <algorithm>

#include "analysis/cost.hpp"
#include "analysis/energy.hpp"
#include "workloads/diffusion/block.hpp"
#include "workloads/diffusion/generation.hpp"

namespace plenum::analysis {
namespace {

/// Those that wait longer than a tenth of the arrivals' time, beyond one batch per replica, can't be served for long.
bool is_sustained(const scenario::BoundGeneration& job, const datacenter::GenerationResult& result) {
  if (job.arrivals.concurrency > 0 || result.pictures.empty()) return true;
  const auto at_work = static_cast<double>(job.replicas * job.plan.most_pictures);
  const double waiting = static_cast<double>(result.waiting_at_last_arrival) - 2 * at_work;
  return waiting <= 0.1 * static_cast<double>(result.pictures.size());
}

void add_rates(GenerationMetrics& m, const scenario::BoundGeneration& job, const datacenter::GenerationResult& result) {
  const double end = std::max(result.end.value(), 1e-9), pictures = static_cast<double>(m.pictures);
  const workload::Diffusion& d = *job.model.diffusion;
  m.per_second = pictures / end;
  m.per_gpu_hour = m.per_second * 3600 / static_cast<double>(m.gpus);
  if (d.frames > 1)
    m.video_seconds_per_gpu_hour = m.per_gpu_hour * static_cast<double>(d.frames) / job.plan.frames_per_second;
  m.utilization = result.busy_seconds / (end * static_cast<double>(job.replicas));
  m.mean_batch = result.batches > 0 ? pictures / static_cast<double>(result.batches) : 0;
}

/// A picture's passes, both of guidance, over its GPUs.
void add_work(GenerationMetrics& m, const scenario::Bound& bound, const scenario::BoundGeneration& job) {
  m.pass_flops = workload::forward_flops(job.model);
  m.decoding_flops = workload::decoding_flops(*job.model.diffusion);
  const double passes = static_cast<double>(job.plan.steps) * (job.plan.guidance == workload::Guidance::none ? 1 : 2);
  const double peak = bound.device.specification.peak.at(job.plan.precision).value();
  m.mfu = m.pass_flops * passes / (m.alone.denoising.value() * static_cast<double>(job.plan.gpus()) * peak);
}

void add_money(GenerationMetrics& m, const scenario::Bound& bound, const scenario::BoundGeneration& job,
               const datacenter::GenerationResult& result) {
  m.power = facility_power(bound, job.first_gpu, m.gpus);
  const auto pictures = static_cast<double>(m.pictures);
  if (pictures <= 0) return;
  m.energy_per_picture = m.power * result.end / pictures;
  const StepUse use{.step = result.end, .gpus = m.gpus, .tokens = 0, .run_tokens = 0, .energy = m.power * result.end};
  for (const Cost& cost : costs(bound.economy, use)) m.costs.push_back({cost.basis, cost.per_step / pictures});
}

}  // namespace

GenerationMetrics measure(const scenario::Bound& bound, const scenario::BoundGeneration& job,
                          const datacenter::GenerationResult& result) {
  GenerationMetrics m;
  m.job = result.job;
  m.pictures = result.pictures.size();
  m.alone = result.alone;
  m.gpus = job.gpus();
  m.footing = result.footing;
  std::vector<double> whole, waited;
  for (const datacenter::PictureRecord& picture : result.pictures) {
    whole.push_back((picture.done - picture.arrival).value());
    waited.push_back((picture.start - picture.arrival).value());
  }
  m.end_to_end = distribution(std::move(whole));
  m.waiting = distribution(std::move(waited));
  m.sustained = is_sustained(job, result);
  add_rates(m, job, result);
  add_work(m, bound, job);
  add_money(m, bound, job, result);
  return m;
}

}  // namespace plenum::analysis
