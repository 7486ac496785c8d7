#include "analysis/report/generation_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

std::string line(std::string_view label, const std::string& text) { return fmt::format("{:<9} {}\n", label, text); }

std::string row(std::string_view label, const Distribution& d) {
  const auto time = [](double seconds) { return format(Seconds(seconds)); };
  return fmt::format("{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", label, time(d.mean), time(d.p50), time(d.p90),
                     time(d.p95), time(d.p99), time(d.max));
}

bool is_video(const scenario::BoundGeneration& job) { return job.model.diffusion->frames > 1; }

std::string size_text(const scenario::BoundGeneration& job) {
  const auto& d = *job.model.diffusion;
  std::string text = fmt::format("{} x {} pixels", d.width, d.height);
  if (is_video(job)) text += fmt::format(", {} frames", d.frames);
  return text + fmt::format(": {} tokens", with_thousands(job.model.context));
}

std::string_view guidance_name(const scenario::BoundGeneration& job) {
  return workload::names_of(job.plan.guidance)[static_cast<std::size_t>(job.plan.guidance)];
}

std::string plan_lines(const scenario::Bound& bound, const scenario::BoundGeneration& job) {
  return line("job", fmt::format("{}, {:.4g} B parameters, {}", job.model.name,
                                 static_cast<double>(job.model.parameters()) / 1e9, size_text(job))) +
         line("plan",
              fmt::format("{} replicas of {} {}: sequence {}; {} steps, guidance {}, {}, up to {} at once",
                          with_thousands(job.replicas), job.plan.gpus(), bound.device.name, job.plan.sequence_parallel,
                          job.plan.steps, guidance_name(job), name_of(job.plan.precision), job.plan.most_pictures));
}

Json distribution_json(const Distribution& d) {
  return {{"count", d.count}, {"mean", d.mean}, {"p50", d.p50}, {"p90", d.p90},
          {"p95", d.p95},     {"p99", d.p99},   {"max", d.max}};
}

}  // namespace

std::string generation_summary(const scenario::Bound& bound, const scenario::BoundGeneration& job,
                               const GenerationMetrics& m) {
  const char* one = is_video(job) ? "video" : "image";
  std::string text = plan_lines(bound, job);
  text += line("requests",
               fmt::format("{} {}s, {:.3g}/s, {:.4g} per GPU-hour",
                           with_thousands(static_cast<std::int64_t>(m.pictures)), one, m.per_second, m.per_gpu_hour));
  if (is_video(job))
    text += line("", fmt::format("{:.4g} seconds of video per GPU-hour", m.video_seconds_per_gpu_hour));
  if (!m.sustained) text += line("", "this rate can't be sustained: the queue grows as long as requests come");
  text += fmt::format("{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "", "mean", "p50", "p90", "p95", "p99", "max");
  text += row("end to end", m.end_to_end) + row("waiting", m.waiting);
  text += line("alone", fmt::format("{} for one {}: text {}, denoising {} ({} of it exchange), decoder {}",
                                    format(m.alone.total()), one, format(m.alone.encoding), format(m.alone.denoising),
                                    format(m.alone.exposed), format(m.alone.decoding)));
  text += line("work", fmt::format("{:.4g} TFLOP a pass, {:.4g} TFLOP the decoder; denoising {:.1f} % of peak",
                                   m.pass_flops / 1e12, m.decoding_flops / 1e12, 100 * m.mfu));
  text += line("replicas", fmt::format("{:.1f} % at work, {:.2f} {}s a batch", 100 * m.utilization, m.mean_batch, one));
  for (const auto& cost : m.costs)
    text += line("cost", fmt::format("{}: ${:.4g} per {}", cost.basis, cost.per_picture.value(), one));
  text += line("energy", fmt::format("{} with cooling, {} per {}", format(m.power), format(m.energy_per_picture), one));
  return text + line("footing",
                     std::string(calibration::name_of(m.footing)) + "; convolutions as matrix products of their shape");
}

Json generation_json(const scenario::Bound& bound, const scenario::BoundGeneration& job, const GenerationMetrics& m) {
  const auto& d = *job.model.diffusion;
  Json costs = Json::array();
  for (const auto& cost : m.costs)
    costs.push_back({{"basis", cost.basis}, {"per_picture_dollars", cost.per_picture.value()}});
  return {
      {"name", m.job},
      {"model", {{"name", job.model.name}, {"parameters", job.model.parameters()}}},
      {"picture",
       {{"width_pixels", d.width}, {"height_pixels", d.height}, {"frames", d.frames}, {"tokens", job.model.context}}},
      {"gpu", bound.device.name},
      {"gpus", m.gpus},
      {"plan",
       {{"steps", job.plan.steps},
        {"guidance", guidance_name(job)},
        {"sequence_parallel", job.plan.sequence_parallel},
        {"most_pictures", job.plan.most_pictures},
        {"precision", name_of(job.plan.precision)},
        {"replicas", job.replicas}}},
      {"pictures", m.pictures},
      {"pictures_per_second", m.per_second},
      {"pictures_per_gpu_hour", m.per_gpu_hour},
      {"video_seconds_per_gpu_hour", m.video_seconds_per_gpu_hour},
      {"sustained", m.sustained},
      {"end_to_end_seconds", distribution_json(m.end_to_end)},
      {"waiting_seconds", distribution_json(m.waiting)},
      {"alone_seconds",
       {{"total", m.alone.total().value()},
        {"text_encoder", m.alone.encoding.value()},
        {"denoising", m.alone.denoising.value()},
        {"exposed_communication", m.alone.exposed.value()},
        {"decoder", m.alone.decoding.value()}}},
      {"pass_flops", m.pass_flops},
      {"decoder_flops", m.decoding_flops},
      {"mfu", m.mfu},
      {"utilization", m.utilization},
      {"mean_batch", m.mean_batch},
      {"power_watts", m.power.value()},
      {"energy_per_picture_joules", m.energy_per_picture.value()},
      {"costs", costs},
      {"footing", calibration::name_of(m.footing)}};
}

}  // namespace plenum::analysis
