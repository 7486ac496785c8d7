// A validation for programs (JSON) and for people (tables).
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "analysis/validation.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<const ValidationRow*>;

constexpr std::array<std::string_view, 7> groupings{"completeness", "part", "family",       "gpu",
                                                    "precision",    "architecture", "scale"};

Rows all_rows(const Validation& validation) {
  Rows rows;
  for (const auto& row : validation.rows) rows.push_back(&row);
  return rows;
}

std::map<std::string, Rows> grouped(const Validation& validation, std::string_view label) {
  std::map<std::string, Rows> groups;
  for (const auto& row : validation.rows) groups[row.labels.at(std::string(label))].push_back(&row);
  return groups;
}

Json optional_number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json summary_json(const ErrorSummary& summary) {
  const auto error = [&](double value) { return summary.compared > 0 ? Json(value) : Json(); };
  return {{"rows", summary.rows},
          {"predicted", summary.predicted},
          {"unsupported", summary.unsupported},
          {"compared", summary.compared},
          {"median_abs_error", error(summary.median)},
          {"mean_abs_error", error(summary.mean)},
          {"p95_abs_error", error(summary.p95)}};
}

Json row_json(const ValidationRow& row) {
  const bool predicted = row.reason.empty();
  Json quantities = Json::array();
  if (predicted)
    for (const auto& quantity : row.quantities)
      quantities.push_back({{"name", quantity.name},
                            {"unit", quantity.unit},
                            {"measured", optional_number(quantity.measured)},
                            {"predicted", quantity.predicted},
                            {"error", optional_number(quantity.error())}});
  return {{"id", row.id},
          {"status", predicted ? "predicted" : "unsupported"},
          {"reason", predicted ? Json() : Json(row.reason)},
          {"quantities", quantities},
          {"footing", predicted ? Json(row.footing) : Json()},
          {"labels", row.labels}};
}

std::string summary_line(const std::string& name, const ErrorSummary& s) {
  const auto counts =
      fmt::format("  {:<36} {:>5} {:>9} {:>8}", name.empty() ? "-" : name, s.rows, s.predicted, s.compared);
  if (s.compared == 0) return counts + "\n";
  return counts + fmt::format(" {:>7.1f}% {:>7.1f}% {:>7.1f}%\n", 100 * s.median, 100 * s.mean, 100 * s.p95);
}

std::string reasons(const Validation& validation) {
  std::map<std::string, std::size_t> counts;
  for (const auto& row : validation.rows)
    if (!row.reason.empty()) ++counts[row.reason];
  std::string text = counts.empty() ? "" : "\nnot predicted (rows, reason)\n";
  for (const auto& [reason, count] : counts) text += fmt::format("  {:>5}  {}\n", count, reason);
  return text;
}

}  // namespace

Json to_json(const Validation& validation) {
  Json by;
  for (const auto label : groupings)
    for (const auto& [name, rows] : grouped(validation, label))
      by[std::string(label)][name] = summary_json(summarize(rows));
  Json rows = Json::array();
  for (const auto& row : validation.rows) rows.push_back(row_json(row));
  return {{"table", validation.table},
          {"summary", summary_json(summarize(all_rows(validation)))},
          {"by", by},
          {"rows", rows}};
}

std::string to_text(const Validation& validation) {
  auto text = fmt::format("  {:<36} {:>5} {:>9} {:>8} {:>8} {:>8} {:>8}\n", "absolute error of the step time", "rows",
                          "predicted", "compared", "median", "mean", "95th");
  text += summary_line("all", summarize(all_rows(validation)));
  for (const auto label : groupings) {
    text += fmt::format("by {}\n", label);
    for (const auto& [name, rows] : grouped(validation, label)) text += summary_line(name, summarize(rows));
  }
  return text + reasons(validation);
}

}  // namespace plenum::analysis
