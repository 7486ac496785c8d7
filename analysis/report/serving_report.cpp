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

std::string heading() {
  return fmt::format("{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "", "mean", "p50", "p90", "p95", "p99", "max");
}

std::string plan_text(const scenario::Pool& pool) {
  const auto& plan = pool.plan;
  std::string text =
      fmt::format("{} replica{} of {} GPU{}: tensor {}", with_thousands(pool.replicas), pool.replicas == 1 ? "" : "s",
                  plan.gpus(), plan.gpus() == 1 ? "" : "s", plan.tensor_parallel);
  if (plan.pipeline_parallel > 1) text += fmt::format(", pipeline {}", plan.pipeline_parallel);
  if (plan.attention_data_parallel > 1) text += fmt::format(", attention data {}", plan.attention_data_parallel);
  if (plan.expert_parallel > 1) text += fmt::format(", expert {}", plan.expert_parallel);
  return text + fmt::format("; {}", name_of(plan.precision));
}

std::string cache_text(const scenario::Pool& pool) {
  return fmt::format(", KV cache {} of {} tokens per rank", name_of(pool.plan.kv_cache),
                     with_thousands(pool.kv_tokens));
}

std::string refused_text(const ServingMetrics& m) {
  const std::size_t too_long = m.refused - m.turned_away;
  std::string text;
  if (too_long > 0) text += fmt::format(", {} refused (longer than the context or the KV cache)", too_long);
  if (m.turned_away > 0) text += fmt::format(", {} turned away", m.turned_away);
  return text;
}

std::string class_lines(const ServingMetrics& m) {
  std::string text;
  for (const auto& each : m.classes)
    text += line("class", fmt::format("{}: {} requests, {} turned away, {} within what was promised; p99 {} to the "
                                      "first token, {} per token",
                                      each.name, each.requests, each.turned_away, percent(each.good),
                                      format(Seconds(each.time_to_first_token.p99)),
                                      format(Seconds(each.time_per_output_token.p99))));
  return text;
}

std::string load_lines(const scenario::BoundServing& job, const ServingMetrics& m) {
  std::string text = line(
      "requests", fmt::format("{} done{}, {:.3g}/s", with_thousands(static_cast<std::int64_t>(m.requests - m.refused)),
                              refused_text(m), m.requests_per_second));
  if (job.requests.concurrency > 0) text += line("", fmt::format("{} in flight", job.requests.concurrency));
  if (!m.sustained)
    text += line("OVERLOAD", fmt::format("{:.3g} requests/s come and the queue grows: the rate can't be sustained",
                                         m.offered_per_second));
  return text;
}

/// Of a model that pools: a pass per text, nothing is kept or written.
std::string pass_lines(const ServingMetrics& m) {
  std::string text = line("tokens", fmt::format("{:.4g} read/s, {:.4g} per GPU", m.prompt_tokens_per_second,
                                                m.prompt_tokens_per_second / static_cast<double>(m.gpus)));
  text += line("replicas", fmt::format("busy {}", percent(m.utilization)));
  text += heading() + row("latency", m.end_to_end);
  for (const auto& cost : m.costs)
    text += line("cost", fmt::format("{}: {} per million tokens", cost.basis, format(cost.per_million_tokens)));
  return text;
}

std::string rate_lines(const ServingMetrics& m) {
  return line("tokens", fmt::format("{:.4g} output/s, {:.4g} prompt/s; {:.4g} output/s per GPU, {:.3g} per user",
                                    m.output_tokens_per_second, m.prompt_tokens_per_second,
                                    m.output_tokens_per_second_per_gpu, m.output_tokens_per_second_per_user)) +
         line("replicas", fmt::format("busy {}, {:.3g} sequences running, KV cache {} at its fullest, {} preemptions",
                                      percent(m.utilization), m.mean_batch, percent(m.peak_kv_use), m.preemptions));
}

double part(std::int64_t some, std::int64_t all) {
  return all > 0 ? static_cast<double>(some) / static_cast<double>(all) : 0;
}

/// Nothing when no request names its prefix.
std::string prefix_lines(const scenario::BoundServing& job, const ServingMetrics& m) {
  const auto& hits = m.prefix_hits;
  if (hits.blocks == 0) return "";
  std::string text = fmt::format("{} of prompt tokens found in the cache ({} of {} blocks)",
                                 percent(part(hits.hit_tokens, hits.tokens)),
                                 percent(part(hits.hit_blocks, hits.blocks)), with_thousands(hits.blocks));
  for (std::size_t tier = 0; tier < m.prefix_tier_tokens.size(); ++tier)
    text += fmt::format(", {} of tokens read from {}", percent(part(m.prefix_tier_tokens[tier], hits.tokens)),
                        job.options.prefix_caching.tiers[tier].name);
  return line("prefixes", text);
}

Json prefix_json(const scenario::BoundServing& job, const ServingMetrics& m) {
  const auto& hits = m.prefix_hits;
  Json tiers = Json::array();
  for (std::size_t tier = 0; tier < m.prefix_tier_tokens.size(); ++tier)
    tiers.push_back(
        {{"name", job.options.prefix_caching.tiers[tier].name}, {"read_tokens", m.prefix_tier_tokens[tier]}});
  return {{"blocks", hits.blocks},
          {"hit_blocks", hits.hit_blocks},
          {"prompt_tokens", hits.tokens},
          {"hit_tokens", hits.hit_tokens},
          {"block_hit_rate", part(hits.hit_blocks, hits.blocks)},
          {"token_hit_rate", part(hits.hit_tokens, hits.tokens)},
          {"tiers", tiers}};
}

std::string cost_lines(const ServingMetrics& m) {
  std::string text = line("energy", fmt::format("{} with cooling, {} per output token", format(m.power),
                                                format(m.energy_per_output_token)));
  for (const auto& cost : m.costs)
    text +=
        line("cost", fmt::format("{}: {} per million tokens; {} per million input and {} per million output tokens",
                                 cost.basis, format(cost.per_million_tokens), format(cost.input), format(cost.output)));
  if (m.mean_gpus < 0.999 * static_cast<double>(m.gpus))
    text += line("scaled", fmt::format("{:.3g} of {} GPUs held on average", m.mean_gpus, m.gpus));
  return text;
}

Json distribution_json(const Distribution& d) {
  return {{"count", d.count}, {"mean", d.mean}, {"p50", d.p50}, {"p90", d.p90},
          {"p95", d.p95},     {"p99", d.p99},   {"max", d.max}};
}

Json classes_json(const ServingMetrics& m) {
  Json classes = Json::array();
  for (const auto& each : m.classes)
    classes.push_back({{"name", each.name},
                       {"requests", each.requests},
                       {"turned_away", each.turned_away},
                       {"good_part", each.good},
                       {"time_to_first_token_seconds", distribution_json(each.time_to_first_token)},
                       {"time_per_output_token_seconds", distribution_json(each.time_per_output_token)}});
  return classes;
}

Json costs_json(const ServingMetrics& m) {
  Json costs = Json::array();
  for (const auto& cost : m.costs)
    costs.push_back({{"basis", cost.basis},
                     {"per_million_tokens_dollars", cost.per_million_tokens.value()},
                     {"per_million_output_tokens_dollars", cost.per_million_output_tokens.value()},
                     {"input_per_million_tokens_dollars", cost.input.value()},
                     {"output_per_million_tokens_dollars", cost.output.value()}});
  return costs;
}

}  // namespace

std::string serving_summary(const scenario::Bound& bound, const scenario::BoundServing& job, const ServingMetrics& m) {
  std::string text = line("model", fmt::format("{} on {} x {}, {}", job.model.name, with_thousands(m.gpus),
                                               bound.device.name, job.engine.name));
  const std::string footing = line("footing", std::string(calibration::name_of(m.footing)));
  if (job.pools) return text + line("plan", plan_text(job.pool)) + load_lines(job, m) + pass_lines(m) + footing;
  if (job.prefill) text += line("prefill", plan_text(*job.prefill) + cache_text(*job.prefill));
  text += line(job.prefill ? "decode" : "plan", plan_text(job.pool) + cache_text(job.pool)) + load_lines(job, m) +
          rate_lines(m) + prefix_lines(job, m);
  text += heading();
  text += row("time to first token", m.time_to_first_token) + row("time per token", m.time_per_output_token) +
          row("between tokens", m.inter_token) + row("end to end", m.end_to_end);
  text += class_lines(m);
  const auto& level = job.service_level;
  if (level.time_to_first_token.value() > 0 || level.time_per_output_token.value() > 0)
    text += line("goodput",
                 fmt::format("{:.3g} requests/s, {} within the service level", m.goodput_per_second, percent(m.good)));
  return text + cost_lines(m) + footing;
}

Json serving_json(const scenario::Bound& bound, const scenario::BoundServing& job, const ServingMetrics& m) {
  return {{"name", m.job},
          {"model", {{"name", job.model.name}, {"parameters", job.model.parameters()}}},
          {"gpu", bound.device.name},
          {"gpus", m.gpus},
          {"engine", job.engine.name},
          {"requests", m.requests},
          {"refused", m.refused},
          {"turned_away", m.turned_away},
          {"mean_gpus_held", m.mean_gpus},
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
          {"classes", classes_json(m)},
          {"prefix_cache", prefix_json(job, m)},
          {"power_watts", m.power.value()},
          {"energy_per_output_token_joules", m.energy_per_output_token.value()},
          {"costs", costs_json(m)},
          {"footing", calibration::name_of(m.footing)}};
}

std::string request_csv(const scenario::BoundServing& job, const datacenter::ServingResult& result) {
  const auto& classes = job.options.classes;
  std::string text = "arrival_s,first_token_s,done_s,prompt_tokens,output_tokens";
  text += classes.empty() ? "\n" : ",class\n";
  auto out = std::back_inserter(text);
  for (const auto& r : result.requests) {
    if (r.refused())
      fmt::format_to(out, "{:.6f},,,{},{}", r.arrival.value(), r.prompt, r.output);
    else
      fmt::format_to(out, "{:.6f},{:.6f},{:.6f},{},{}", r.arrival.value(), r.first_token.value(), r.done.value(),
                     r.prompt, r.output);
    if (!classes.empty()) fmt::format_to(out, ",{}", classes[r.service_class].name);
    text += "\n";
  }
  return text;
}

}  // namespace plenum::analysis
