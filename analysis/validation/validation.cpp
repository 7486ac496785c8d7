#include "analysis/validation/validation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/forked.hpp"
#include "analysis/validation/row_cells.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

bool has_columns(const TableKind& kind, const CsvTable& table, Issues& issues) {
  for (const auto column : kind.columns)
    if (!table.column(column))
      issues.error({table.file, 1, 1}, "",
                   "a table of " + std::string(kind.holds) + " needs the column \"" + std::string(column) + "\"");
  return !issues.has_errors();
}

/// A word that is misread as "nothing is stated" would be predicted as something else.
bool words_are_known(const TableKind& kind, const CsvTable& table, Issues& issues) {
  for (const auto& row : table.rows)
    for (const auto& [column, words] : kind.vocabularies) {
      const RowCells cells(table, row);
      const bool known =
          std::ranges::any_of(words, [&](std::string_view word) { return cells.mentions(column, word); });
      if (cells.text(column).empty() || known) continue;
      issues.error({table.file, row.line, 1}, "",
                   fmt::format("{}: \"{:.40}\" is none of {}; an empty cell leaves it open", column, cells.text(column),
                               fmt::join(words, ", ")));
    }
  return !issues.has_errors();
}

bool is_number(const CsvTable& table, const CsvTable::Row& row, std::string_view column) {
  try {
    RowCells(table, row).number(column);
    return true;
  } catch (const Unsupported&) {
    return false;
  }
}

void empty_unreadable(const TableKind& kind, CsvTable& table, Issues& issues) {
  for (const auto name : kind.measurements) {
    const auto column = table.column(name);
    if (!column) continue;
    for (auto& row : table.rows) {
      if (is_number(table, row, name)) continue;
      issues.warning({table.file, row.line, 1}, "",
                     fmt::format("{}: \"{:.40}\" is not a number of at least 0; the row is predicted without a "
                                 "measurement",
                                 name, row.cells[*column]));
      row.cells[*column].clear();
    }
  }
}

std::string packed(const Prediction& prediction) {
  const Json json{
      {"reason", prediction.reason}, {"footing", prediction.footing}, {"quantities", prediction.quantities}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void fill(ValidationRow& row, const Forked& answer) {
  row.reason = answer.failure;
  if (!row.reason.empty()) return;
  const auto json = Json::parse(answer.output);
  row.reason = json["reason"];
  if (!row.reason.empty()) return;
  row.footing = json["footing"];
  for (auto& quantity : row.quantities)
    if (const auto found = json["quantities"].find(quantity.name); found != json["quantities"].end())
      quantity.predicted = found->get<double>();
}

}  // namespace

std::optional<double> Quantity::error() const {
  if (!measured || *measured <= 0 || !predicted) return std::nullopt;
  return *predicted / *measured - 1;
}

std::optional<Validation> validate(const TableKind& kind, const std::filesystem::path& file, int processes,
                                   const std::function<void(std::size_t, std::size_t)>& progress, Issues& issues) {
  auto table = kind.read(file, issues);
  if (!table || !has_columns(kind, *table, issues) || !words_are_known(kind, *table, issues)) return std::nullopt;
  empty_unreadable(kind, *table, issues);
  const auto task = [&](std::size_t i) { return packed(kind.predict(*table, table->rows[i])); };
  const auto answers = run_forked(table->rows.size(), task, progress, {.processes = processes});
  Validation validation{
      file.string(), kind.groupings, {}, kind.coloured_by.empty() ? kind.groupings.front() : kind.coloured_by};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    validation.rows.push_back(kind.describe(*table, table->rows[i]));
    fill(validation.rows.back(), answers[i]);
  }
  return validation;
}

std::string_view part_of(std::string_view group) {
  std::uint64_t fnv1a = 0xcbf29ce484222325;
  for (const char c : group) fnv1a = (fnv1a ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fnv1a % 3 == 0 ? "checked" : "fitted";
}

}  // namespace plenum::analysis
