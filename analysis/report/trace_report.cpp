#include "analysis/report/trace_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/core/units.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

/// Mean over all ranks, each class weighted by its members.
datacenter::TraceRankClass mean_of(const datacenter::TraceResult& result) {
  datacenter::TraceRankClass mean;
  for (const auto& c : result.classes) {
    const double weight = static_cast<double>(c.members) / static_cast<double>(result.ranks);
    mean.parts.computation += c.parts.computation * weight;
    mean.parts.communication += c.parts.communication * weight;
    mean.parts.host += c.parts.host * weight;
    mean.parts.waiting += c.parts.waiting * weight;
    mean.communication_in_all += c.communication_in_all * weight;
  }
  return mean;
}

Json parts_json(const datacenter::TraceParts& parts) {
  return {{"computation", parts.computation.value()},
          {"communication", parts.communication.value()},
          {"host", parts.host.value()},
          {"waiting", parts.waiting.value()}};
}

std::string line(std::string_view label, const std::string& text) { return fmt::format("{:<9} {}\n", label, text); }

std::string part_line(std::string_view name, Seconds part, Seconds whole) {
  return fmt::format("  {:<23} {:>5.1f} % {:>10}\n", name, whole > Seconds(0) ? 100 * (part / whole) : 0, format(part));
}

std::string_view footing_of(const datacenter::TraceResult& result) {
  return result.from_specification ? "computation: partly the device's peak rates, for tasks without a duration"
                                   : "computation: as recorded";
}

}  // namespace

std::string trace_summary(const scenario::Bound& bound, const datacenter::TraceResult& result) {
  const auto mean = mean_of(result);
  auto text =
      line("trace", fmt::format("{} tasks of {} ranks ({} recorded) on {}", with_thousands(result.tasks),
                                with_thousands(result.ranks), with_thousands(result.recorded), bound.device.name));
  text += line("time", format(result.time));
  text += part_line("computation", mean.parts.computation, result.time);
  text += part_line("exposed communication", mean.parts.communication, result.time);
  text += part_line("host", mean.parts.host, result.time);
  text += part_line("waiting", mean.parts.waiting, result.time);
  text +=
      line("", fmt::format("communication in all {}, of which {} beside computation", format(mean.communication_in_all),
                           format(mean.communication_in_all - mean.parts.communication)));
  return text + line("footing", std::string(footing_of(result)));
}

Json trace_json(const scenario::Bound& bound, const datacenter::TraceResult& result) {
  Json ranks = Json::array();
  for (const auto& c : result.classes)
    ranks.push_back({{"representative", c.representative},
                     {"members", c.members},
                     {"breakdown_seconds", parts_json(c.parts)},
                     {"communication_seconds", c.communication_in_all.value()}});
  const auto mean = mean_of(result);
  return {{"name", result.job},
          {"kind", "trace"},
          {"gpu", bound.device.name},
          {"gpus", result.ranks},
          {"recorded_ranks", result.recorded},
          {"tasks", result.tasks},
          {"time_seconds", result.time.value()},
          {"breakdown_seconds", parts_json(mean.parts)},
          {"communication_seconds", mean.communication_in_all.value()},
          {"footing", footing_of(result)},
          {"ranks", ranks}};
}

}  // namespace plenum::analysis
