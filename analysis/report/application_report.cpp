#include "analysis/report/application_report.hpp"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

std::string line(std::string_view label, const std::string& text) { return fmt::format("{:<9} {}\n", label, text); }

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string time(double seconds) { return format(Seconds(seconds)); }

std::string row(std::string_view label, const Distribution& d) {
  return fmt::format("{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", label, time(d.mean), time(d.p50), time(d.p90),
                     time(d.p95), time(d.p99), time(d.max));
}

std::string stage_lines(const ApplicationMetrics& m) {
  std::string text =
      fmt::format("{:<20} {:>9} {:>9} {:>9} {:>9} {:>10}\n", "stage", "passed", "calls", "mean", "p99", "waited for");
  for (const auto& stage : m.stages)
    text += fmt::format("{:<20} {:>8.3g}x {:>9.3g} {:>9} {:>9} {:>10}  {}\n", stage.name, stage.passages, stage.calls,
                        time(stage.time.mean), time(stage.time.p99), percent(stage.waited_share),
                        std::string(static_cast<std::size_t>(28 * stage.waited_share + 0.5), '#'));
  return text;
}

/// Which stages fall behind, and by how much.
std::string overload_lines(const ApplicationMetrics& m) {
  std::string text;
  for (const auto& stage : m.stages) {
    if (!stage.load.overloaded()) continue;
    const auto why =
        stage.load.offered > 1
            ? fmt::format("\"{}\" gets {:.3g} times the work that it can do", stage.name, stage.load.offered)
            : fmt::format("\"{}\" falls behind by {} of what comes to it", stage.name, percent(stage.load.behind));
    text += line("OVERLOAD", fmt::format("{}: {:.3g} requests/s can't be sustained", why, m.offered_per_second));
  }
  return text;
}

std::string how_it_ended(const ApplicationMetrics& m) {
  std::string text;
  if (m.blocked > 0) text += fmt::format(", {} blocked", m.blocked);
  if (m.refused > 0) text += fmt::format(", {} refused by a model (too long, or turned away)", m.refused);
  return text;
}

Json distribution_json(const Distribution& d) {
  return {{"count", d.count}, {"mean", d.mean}, {"p50", d.p50}, {"p90", d.p90},
          {"p95", d.p95},     {"p99", d.p99},   {"max", d.max}};
}

}  // namespace

std::string application_summary(const scenario::BoundApplication& job, const ApplicationMetrics& m) {
  std::string text = line("requests", fmt::format("{} done{}, {:.3g}/s; {:.3g} model calls each, context of {:.4g} "
                                                  "tokens at the end",
                                                  with_thousands(static_cast<std::int64_t>(m.end_to_end.count)),
                                                  how_it_ended(m), m.requests_per_second, m.calls, m.context.mean));
  text += overload_lines(m) + stage_lines(m);
  text += fmt::format("{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "", "mean", "p50", "p90", "p95", "p99", "max");
  text += row("time to first token", m.time_to_first_token) + row("end to end", m.end_to_end);
  const auto& level = job.service_level;
  if (level.time_to_first_token.value() > 0 || level.end_to_end.value() > 0)
    text += line("goodput",
                 fmt::format("{:.3g} requests/s, {} within the service level", m.goodput_per_second, percent(m.good)));
  for (const auto& cost : m.costs)
    text += line("cost", fmt::format("{}: {} per request", cost.basis, format(cost.per_request)));
  return text;
}

Json application_json(const ApplicationMetrics& m) {
  Json stages = Json::array(), costs = Json::array();
  for (const auto& stage : m.stages)
    stages.push_back({{"name", stage.name},
                      {"passages_per_request", stage.passages},
                      {"calls_per_request", stage.calls},
                      {"prompt_tokens_per_request", stage.prompt_tokens},
                      {"output_tokens_per_request", stage.output_tokens},
                      {"time_seconds", distribution_json(stage.time)},
                      {"waited_share", stage.waited_share},
                      {"work_offered", stage.load.offered},
                      {"falls_behind", stage.load.behind},
                      {"overloaded", stage.load.overloaded()}});
  for (const auto& cost : m.costs)
    costs.push_back({{"basis", cost.basis}, {"per_request_dollars", cost.per_request.value()}});
  return {{"name", m.job},
          {"requests", m.requests},
          {"blocked", m.blocked},
          {"refused", m.refused},
          {"requests_per_second", m.requests_per_second},
          {"offered_requests_per_second", m.offered_per_second},
          {"model_calls_per_request", m.calls},
          {"time_to_first_token_seconds", distribution_json(m.time_to_first_token)},
          {"end_to_end_seconds", distribution_json(m.end_to_end)},
          {"context_tokens", distribution_json(m.context)},
          {"good_part", m.good},
          {"goodput_requests_per_second", m.goodput_per_second},
          {"stages", stages},
          {"costs", costs}};
}

namespace {

/// A cell of a CSV file (RFC 4180).
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted(1, '"');
  for (const char c : text) {
    if (c == '"') quoted.push_back(c);
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace

std::string application_csv(const scenario::BoundApplication& job, const datacenter::ApplicationResult& result) {
  std::string text = "arrival_s,first_token_s,done_s,query_tokens,answer_tokens,context_tokens,model_calls,ended_by";
  for (const auto& stage : job.stages) text.append(1, ',').append(cell(stage.name + "_s"));
  text += "\n";
  auto out = std::back_inserter(text);
  auto waited = result.waited.begin();
  for (const auto& r : result.requests) {
    const auto by = r.complete() ? std::string() : job.stages[static_cast<std::size_t>(r.ended_by)].name;
    fmt::format_to(out, "{:.6f},{:.6f},{:.6f},{},{},{},{},{}", r.arrival.value(), r.first_token.value(), r.done.value(),
                   r.query, r.answer, r.context, r.calls, cell(by));
    for (std::size_t stage = 0; stage < job.stages.size(); ++stage) fmt::format_to(out, ",{:.6f}", *waited++);
    text += "\n";
  }
  return text;
}

}  // namespace plenum::analysis
