#include "sim/datacenter/generation/generation_prices.hpp"

#include <algorithm>
#include <numeric>

#include "calibration/collectives/timing.hpp"
#include "sim/datacenter/training/segment.hpp"
#include "sim/scenario/collective_situation.hpp"
#include "workloads/diffusion/generation.hpp"

namespace plenum::datacenter {
namespace {

std::vector<std::uint32_t> first_group(const scenario::BoundGeneration& job) {
  std::vector<std::uint32_t> group(static_cast<std::size_t>(job.plan.sequence_parallel));
  std::iota(group.begin(), group.end(), static_cast<std::uint32_t>(job.first_gpu));
  return group;
}

}  // namespace

GenerationPrices::GenerationPrices(const scenario::Bound& bound, const scenario::BoundGeneration& job)
    : bound_(bound), job_(job) {
  auto group = first_group(job);
  situation_ =
      scenario::situation_of(bound.cluster, bound.specification, bound.device.specification.architecture, group);
  situation_.launch = calibration::Launch::stream;
  for (std::int64_t pictures = 1; pictures <= job.plan.most_pictures; ++pictures)
    times_.push_back(price_batch(pictures));
}

BatchTime GenerationPrices::price_batch(std::int64_t pictures) {
  BatchTime time;
  if (job_.encoder)
    time.encoding = on_one_gpu(
        workload::text_encoding(*job_.encoder, job_.plan.samples(pictures), job_.model.diffusion->text_tokens));
  price_pass(pictures, time);
  time.decoding = on_one_gpu(workload::decoding(*job_.model.diffusion, pictures));
  return time;
}

Seconds GenerationPrices::on_one_gpu(const workload::Operations& operations) {
  const Segment segment = price(operations, bound_.device, 1, job_.plan.host_per_kernel);
  footing_ = calibration::weaker(footing_, segment.footing);
  return std::max(segment.compute(), segment.host);
}

/// Keys and values that go round stay hidden as long as attention lasts.
void GenerationPrices::price_pass(std::int64_t pictures, BatchTime& time) {
  const auto operations = workload::denoising_pass(job_.model, job_.plan, pictures);
  const Segment segment = price(operations, bound_.device, job_.plan.gpus(), job_.plan.host_per_kernel);
  footing_ = calibration::weaker(footing_, segment.footing);
  Seconds waited, hidden;
  for (const workload::Operation& operation : operations)
    if (const auto* communication = std::get_if<workload::Communication>(&operation.work))
      (communication->overlapped ? hidden : waited) +=
          collective(*communication) * static_cast<double>(operation.count);
  const Seconds attention = segment.parts[static_cast<std::size_t>(Part::attention)];
  const Seconds exposed = waited + std::max(Seconds(0), hidden - attention);
  const auto passes = static_cast<double>(job_.plan.passes());
  time.denoising = std::max(segment.compute() + exposed, segment.host) * passes;
  time.exposed = exposed * passes;
}

Seconds GenerationPrices::collective(const workload::Communication& w) const {
  const auto method = calibration::choose(situation_, w.kind, w.bytes);
  return calibration::alone(situation_, w.kind, method, w.bytes);
}

}  // namespace plenum::datacenter
