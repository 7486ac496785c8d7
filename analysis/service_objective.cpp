#include "analysis/service_objective.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "sim/core/units.hpp"

namespace plenum::analysis {
namespace {

using Statistic = std::pair<std::string_view, double Distribution::*>;
constexpr std::array<Statistic, 6> statistics{
    Statistic{"mean", &Distribution::mean}, Statistic{"p50", &Distribution::p50}, Statistic{"p90", &Distribution::p90},
    Statistic{"p95", &Distribution::p95},   Statistic{"p99", &Distribution::p99}, Statistic{"max", &Distribution::max}};

using Measured = std::pair<std::string_view, Distribution ServingMetrics::*>;
constexpr std::array<Measured, 4> quantities{
    Measured{"ttft", &ServingMetrics::time_to_first_token}, Measured{"tpot", &ServingMetrics::time_per_output_token},
    Measured{"itl", &ServingMetrics::inter_token}, Measured{"e2e", &ServingMetrics::end_to_end}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <class Table>
auto find(const Table& table, std::string_view name) {
  return std::ranges::find(table, name, [](const auto& entry) { return entry.first; });
}

std::optional<Objective> parse(std::string_view part, Issues& issues) {
  const auto refuse = [&](const std::string& why) {
    issues.error({}, "", fmt::format("the objective \"{}\" {}; \"p99 ttft <= 1 s\" would be right", part, why));
    return std::nullopt;
  };
  const auto sign = part.find("<=");
  if (sign == part.npos) return refuse("has no <=");
  const auto left = trimmed(part.substr(0, sign)), right = trimmed(part.substr(sign + 2));
  const auto space = left.find(' ');
  const auto statistic = left.substr(0, space);
  const auto quantity = space == left.npos ? std::string_view() : trimmed(left.substr(space));
  if (find(statistics, statistic) == statistics.end())
    return refuse("starts with none of mean, p50, p90, p95, p99, max");
  if (find(quantities, quantity) == quantities.end()) return refuse("names none of ttft, tpot, itl, e2e");
  const auto limit = parse_quantity(right, unit_family<Seconds>());
  if (!limit.error.empty()) return refuse(limit.error);
  return Objective{std::string(part), std::string(quantity), std::string(statistic), Seconds(limit.value)};
}

}  // namespace

std::vector<Objective> parse_objectives(std::string_view text, Issues& issues) {
  std::vector<Objective> objectives;
  for (;;) {
    const auto comma = text.find(',');
    if (auto objective = parse(trimmed(text.substr(0, comma)), issues)) objectives.push_back(std::move(*objective));
    if (comma == text.npos) return objectives;
    text.remove_prefix(comma + 1);
  }
}

Seconds value_of(const Objective& objective, const ServingMetrics& metrics) {
  const auto quantity = find(quantities, objective.quantity)->second;
  return Seconds((metrics.*quantity).*(find(statistics, objective.statistic)->second));
}

bool holds(const std::vector<Objective>& objectives, const ServingMetrics& metrics) {
  return metrics.sustained && metrics.refused == 0 && std::ranges::all_of(objectives, [&](const Objective& objective) {
           return value_of(objective, metrics) <= objective.limit;
         });
}

}  // namespace plenum::analysis
