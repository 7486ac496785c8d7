#include "analysis/report/serving_report.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <nlohmann/json.hpp>

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

std::string line(std::string_view label, const std::string& text) { return fmt::format("{:<9} {}\n", label, text); }

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string row(std::string_view label, const Distribution& d) {
  const auto time = [](double seconds) { return format(Seconds(seconds)); };
  return fmt::format("{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", label, time(d.mean), time(d.p50), time(d.p90),
                     time(d.p95), time(d.p99), time(d.max));
}

std::string plan_text(const scenario::Pool& pool) {
  const auto& plan = pool.plan;
  std::string text =
      fmt::format("{} replica{} of {} GPU{}: tensor {}", with_thousands(pool.replicas), pool.replicas == 1 ? "" : "s",
                  plan.gpus(), plan.gpus() == 1 ? "" : "s", plan.tensor_parallel);
  if (plan.pipeline_parallel > 1) text += fmt::format(", pipeline {}", plan.pipeline_parallel);
  if (plan.attention_data_parallel > 1) text += fmt::format(", attention data {}", plan.attention_data_parallel);
  if (plan.expert_parallel > 1) text += fmt::format(", expert {}", plan.expert_parallel);
  return text + fmt::format("; {}, KV cache {} of {} tokens per rank", name_of(plan.precision), name_of(plan.kv_cache),
                            with_thousands(pool.kv_tokens));
}

std::string load_lines(const scenario::BoundServing& job, const ServingMetrics& m) {
  std::string text = line(
      "requests",
      fmt::format("{} done{}, {:.3g}/s", with_thousands(static_cast<std::int64_t>(m.requests - m.refused)),
                  m.refused > 0 ? fmt::format(", {} refused (longer than the context or the KV cache)", m.refused) : "",
                  m.requests_per_second));
  if (job.requests.concurrency > 0) text += line("", fmt::format("{} in flight", job.requests.concurrency));
  if (!m.sustained)
    text += line("OVERLOAD", fmt::format("{:.3g} requests/s come and the queue grows: the rate can't be sustained",
                                         m.offered_per_second));
  return text;
}

std::string rate_lines(const ServingMetrics& m) {
  return line("tokens", fmt::format("{:.4g} output/s, {:.4g} prompt/s; {:.4g} output/s per GPU, {:.3g} per user",
                                    m.output_tokens_per_second, m.prompt_tokens_per_second,
                                    m.output_tokens_per_second_per_gpu, m.output_tokens_per_second_per_user)) +
         line("replicas", fmt::format("busy {}, {:.3g} sequences running, KV cache {} at its fullest, {} preemptions",
                                      percent(m.utilization), m.mean_batch, percent(m.peak_kv_use), m.preemptions));
}

std::string cost_lines(const ServingMetrics& m) {
  std::string text = line("energy", fmt::format("{} with cooling, {} per output token", format(m.power),
                                                format(m.energy_per_output_token)));
  for (const auto& cost : m.costs)
    text += line("cost", fmt::format("{}: {} per million tokens, {} per million output tokens", cost.basis,
                                     format(cost.per_million_tokens), format(cost.per_million_output_tokens)));
  return text;
}

Json distribution_json(const Distribution& d) {
  return {{"count", d.count}, {"mean", d.mean}, {"p50", d.p50}, {"p90", d.p90},
          {"p95", d.p95},     {"p99", d.p99},   {"max", d.max}};
}

Json costs_json(const ServingMetrics& m) {
  Json costs = Json::array();
  for (const auto& cost : m.costs)
    costs.push_back({{"basis", cost.basis},
                     {"per_million_tokens_dollars", cost.per_million_tokens.value()},
                     {"per_million_output_tokens_dollars", cost.per_million_output_tokens.value()}});
  return costs;
}

}  // namespace

std::string serving_summary(const scenario::Bound& bound, const scenario::BoundServing& job, const ServingMetrics& m) {
  std::string text = line("model", fmt::format("{} on {} x {}, {}", job.model.name, with_thousands(m.gpus),
                                               bound.device.name, job.engine.name));
  if (job.prefill) text += line("prefill", plan_text(*job.prefill));
  text += line(job.prefill ? "decode" : "plan", plan_text(job.pool)) + load_lines(job, m) + rate_lines(m);
  text += fmt::format("{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "", "mean", "p50", "p90", "p95", "p99", "max");
  text += row("time to first token", m.time_to_first_token) + row("time per token", m.time_per_output_token) +
          row("between tokens", m.inter_token) + row("end to end", m.end_to_end);
  const auto& level = job.service_level;
  if (level.time_to_first_token.value() > 0 || level.time_per_output_token.value() > 0)
    text += line("goodput",
                 fmt::format("{:.3g} requests/s, {} within the service level", m.goodput_per_second, percent(m.good)));
  return text + cost_lines(m) + line("footing", std::string(calibration::name_of(m.footing)));
}

Json serving_json(const scenario::Bound& bound, const scenario::BoundServing& job, const ServingMetrics& m) {
  return {{"name", m.job},
          {"model", {{"name", job.model.name}, {"parameters", job.model.parameters()}}},
          {"gpu", bound.device.name},
          {"gpus", m.gpus},
          {"engine", job.engine.name},
          {"requests", m.requests},
          {"refused", m.refused},
          {"requests_per_second", m.requests_per_second},
          {"offered_requests_per_second", m.offered_per_second},
          {"sustained", m.sustained},
          {"output_tokens_per_second", m.output_tokens_per_second},
          {"prompt_tokens_per_second", m.prompt_tokens_per_second},
          {"output_tokens_per_second_per_gpu", m.output_tokens_per_second_per_gpu},
          {"output_tokens_per_second_per_user", m.output_tokens_per_second_per_user},
          {"time_to_first_token_seconds", distribution_json(m.time_to_first_token)},
          {"time_per_output_token_seconds", distribution_json(m.time_per_output_token)},
          {"inter_token_latency_seconds", distribution_json(m.inter_token)},
          {"end_to_end_seconds", distribution_json(m.end_to_end)},
          {"good_part", m.good},
          {"goodput_requests_per_second", m.goodput_per_second},
          {"utilization", m.utilization},
          {"mean_batch", m.mean_batch},
          {"kv_tokens_per_rank", job.pool.kv_tokens},
          {"peak_kv_use", m.peak_kv_use},
          {"preemptions", m.preemptions},
          {"power_watts", m.power.value()},
          {"energy_per_output_token_joules", m.energy_per_output_token.value()},
          {"costs", costs_json(m)},
          {"footing", calibration::name_of(m.footing)}};
}

std::string request_csv(const datacenter::ServingResult& result) {
  std::string text = "arrival_s,first_token_s,done_s,prompt_tokens,output_tokens\n";
  auto out = std::back_inserter(text);
  for (const auto& r : result.requests) {
    if (r.refused())
      fmt::format_to(out, "{:.6f},,,{},{}\n", r.arrival.value(), r.prompt, r.output);
    else
      fmt::format_to(out, "{:.6f},{:.6f},{:.6f},{},{}\n", r.arrival.value(), r.first_token.value(), r.done.value(),
                     r.prompt, r.output);
  }
  return text;
}

}  // namespace plenum::analysis
