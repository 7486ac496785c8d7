// A validation for programs (JSON) and for people (tables).
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

RowSelection all_rows(const Validation& validation) {
  RowSelection rows;
  for (const auto& row : validation.rows) rows.push_back(&row);
  return rows;
}

std::map<std::string, RowSelection> grouped(const Validation& validation, std::string_view label) {
  std::map<std::string, RowSelection> groups;
  for (const auto& row : validation.rows) groups[row.labels.at(std::string(label))].push_back(&row);
  return groups;
}

Json optional_number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

std::vector<std::string> quantity_names(const Validation& validation) {
  std::vector<std::string> names;
  if (!validation.rows.empty())
    for (const auto& quantity : validation.rows.front().quantities) names.push_back(quantity.name);
  return names;
}

Json errors_json(const ErrorSummary& summary) {
  const auto error = [&](double value) { return summary.compared > 0 ? Json(value) : Json(); };
  return {{"compared", summary.compared},
          {"median_abs_error", error(summary.median)},
          {"mean_abs_error", error(summary.mean)},
          {"p95_abs_error", error(summary.p95)}};
}

/// The first quantity's errors stand at the top; with several, all of them follow by name.
Json summary_json(const RowSelection& rows, const std::vector<std::string>& quantities) {
  const auto first = summarize(rows);
  Json json{{"rows", first.rows}, {"predicted", first.predicted}, {"unsupported", first.unsupported}};
  json.update(errors_json(first));
  for (std::size_t i = 0; i < quantities.size() && quantities.size() > 1; ++i)
    json["quantities"][quantities[i]] = errors_json(summarize(rows, i));
  return json;
}

Json row_json(const ValidationRow& row) {
  const bool predicted = row.reason.empty();
  Json quantities = Json::array();
  if (predicted)
    for (const auto& quantity : row.quantities)
      quantities.push_back({{"name", quantity.name},
                            {"unit", quantity.unit},
                            {"measured", optional_number(quantity.measured)},
                            {"predicted", optional_number(quantity.predicted)},
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

std::string quantity_table(const Validation& validation, const std::string& name, std::size_t quantity) {
  auto text = fmt::format("  {:<36} {:>5} {:>9} {:>8} {:>8} {:>8} {:>8}\n", "absolute error of " + name, "rows",
                          "predicted", "compared", "median", "mean", "95th");
  text += summary_line("all", summarize(all_rows(validation), quantity));
  text += summary_line("judged by gates", summarize(judged_rows(validation), quantity));
  for (const auto label : validation.groupings) {
    text += fmt::format("by {}\n", label);
    for (const auto& [group, rows] : grouped(validation, label)) text += summary_line(group, summarize(rows, quantity));
  }
  return text;
}

std::string reasons(const Validation& validation) {
  std::map<std::string, std::size_t> counts;
  for (const auto& row : validation.rows)
    if (!row.reason.empty()) ++counts[row.reason];
  std::string text = counts.empty() ? "" : "not predicted (rows, reason)\n";
  for (const auto& [reason, count] : counts) text += fmt::format("  {:>5}  {}\n", count, reason);
  return text;
}

}  // namespace

Json to_json(const Validation& validation) {
  const auto quantities = quantity_names(validation);
  Json by = Json::object();
  for (const auto label : validation.groupings)
    for (const auto& [name, rows] : grouped(validation, label))
      by[std::string(label)][name] = summary_json(rows, quantities);
  Json rows = Json::array();
  for (const auto& row : validation.rows) rows.push_back(row_json(row));
  return {{"table", validation.table},
          {"summary", summary_json(all_rows(validation), quantities)},
          {"judged", summary_json(judged_rows(validation), quantities)},
          {"by", by},
          {"rows", rows}};
}

std::string to_text(const Validation& validation) {
  if (validation.rows.empty()) return fmt::format("{} has no rows\n", validation.table);
  std::string text;
  const auto quantities = quantity_names(validation);
  for (std::size_t i = 0; i < quantities.size(); ++i) text += quantity_table(validation, quantities[i], i) + "\n";
  return text + reasons(validation);
}

}  // namespace plenum::analysis
