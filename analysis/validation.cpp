#include "analysis/validation.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "analysis/forked.hpp"
#include "analysis/training_row.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

Json unsupported(const std::string& reason) { return {{"reason", reason}}; }

std::string first_error(const Issues& issues) {
  for (const auto& issue : issues.all())
    if (issue.severity == Severity::error)
      return issue.pointer.empty() ? issue.message : issue.pointer + ": " + issue.message;
  return "the scenario was refused";
}

/// In a child: what the row's scenario takes, or why it can't be told.
Json predict(const CsvTable& table, const CsvTable::Row& row) {
  std::string reason;
  auto scenario = scenario_of(table, row, reason);
  if (!scenario) return unsupported(reason);
  Issues issues;
  const auto bound = scenario::bind({.scenario = std::move(*scenario), .source = {}, .digest = {}}, issues);
  if (!bound) return unsupported(first_error(issues));
  try {
    const auto result = datacenter::simulate(*bound, {});
    const auto& training = result.training.front();
    return {{"step_time", training.step.value()}, {"footing", calibration::name_of(training.footing)}};
  } catch (const datacenter::SimulationFailed& failure) {
    return unsupported(std::string("the simulation failed: ") + failure.what());
  }
}

void fill(ValidationRow& row, const Forked& answer) {
  row.reason = answer.failure;
  if (!row.reason.empty()) return;
  const auto json = Json::parse(answer.output);
  if (json.contains("reason")) {
    row.reason = json["reason"];
    return;
  }
  row.footing = json["footing"];
  row.quantities.front().predicted = json["step_time"];
}

bool has_columns(const CsvTable& table, Issues& issues) {
  for (const auto* column : {"id", "gpu", "n_gpus", "model", "arch", "seq_len_tokens", "gbs_sequences"})
    if (!table.column(column))
      issues.error({table.file, 1, 1}, "", std::string("a table of training rows needs the column \"") + column + "\"");
  return !issues.has_errors();
}

/// Nearest rank: the least value that at least `share` of all values do not exceed.
double percentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

double median(const std::vector<double>& sorted) {
  const auto half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

}  // namespace

std::optional<double> Quantity::error() const {
  if (!measured || *measured <= 0) return std::nullopt;
  return predicted / *measured - 1;
}

std::optional<Validation> validate_training(const std::filesystem::path& file, int processes,
                                            const std::function<void(std::size_t, std::size_t)>& progress,
                                            Issues& issues) {
  const auto table = read_csv(file, issues);
  if (!table || !has_columns(*table, issues)) return std::nullopt;
  const auto task = [&](std::size_t i) {
    return predict(*table, table->rows[i]).dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  const auto answers = run_forked(table->rows.size(), task, progress, {.processes = processes});
  Validation validation{file.string(), {}};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    validation.rows.push_back(describe_row(*table, table->rows[i]));
    fill(validation.rows.back(), answers[i]);
  }
  return validation;
}

ErrorSummary summarize(const std::vector<const ValidationRow*>& rows) {
  ErrorSummary summary;
  std::vector<double> errors;
  for (const auto* row : rows) {
    ++summary.rows;
    ++(row->reason.empty() ? summary.predicted : summary.unsupported);
    if (!row->reason.empty()) continue;
    if (const auto error = row->quantities.front().error()) errors.push_back(std::abs(*error));
  }
  summary.compared = errors.size();
  if (errors.empty()) return summary;
  std::sort(errors.begin(), errors.end());
  summary.median = median(errors);
  summary.mean = std::accumulate(errors.begin(), errors.end(), 0.0) / static_cast<double>(errors.size());
  summary.p95 = percentile(errors, 0.95);
  return summary;
}

}  // namespace plenum::analysis
