// Predictions held against measurements that others published. No knob per row, per model or per publication.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/csv.hpp"
#include "sim/core/issue.hpp"

namespace plenum::analysis {

struct Quantity {
  std::string name, unit;
  std::optional<double> measured;
  std::optional<double> predicted;
  std::optional<double> error() const;  ///< predicted / measured - 1, signed; nothing when one of them is missing
};

struct ValidationRow {
  std::string id;
  std::string reason;  ///< why it can't be predicted; empty when it was
  std::vector<Quantity> quantities;
  std::string footing;
  std::map<std::string, std::string> labels;  ///< by the groupings of the table's kind
  bool judged = true;                         ///< counts for gates: measured without doubts and described completely
};

/// What a row should have measured, or the reason why that can't be told.
struct Prediction {
  std::string reason;
  std::string footing;
  std::map<std::string, double> quantities;  ///< by name
};

/// A column of words: a cell that is not empty contains one of these, in letters of any case.
struct Vocabulary {
  std::string_view column;
  std::vector<std::string_view> words;
};

/// A kind of table: what its rows say and how they are predicted. One source pair in a folder below this one each.
struct TableKind {
  std::string_view name;                    ///< on the command line
  std::string_view holds;                   ///< "steps of training jobs"
  std::vector<std::string_view> columns;    ///< that a table must have
  std::vector<std::string_view> groupings;  ///< labels of a row, by which errors are told
  /// Columns of measurements. A cell of theirs that holds no number is told and taken as absent.
  std::vector<std::string_view> measurements{};
  std::vector<Vocabulary> vocabularies{};
  std::string_view coloured_by{};  ///< the label that has colours in a picture; empty: the first
  /// Identity, labels and measurements; nothing is predicted yet.
  ValidationRow (*describe)(const CsvTable&, const CsvTable::Row&);
  /// Called in a process of its own, so it may simulate. Deterministic.
  Prediction (*predict)(const CsvTable&, const CsvTable::Row&);
  /// What the rows are read from, when it is no CSV file.
  std::optional<CsvTable> (*read)(const std::filesystem::path&, Issues&) = read_csv;
};

/// All kinds, in the order in which they are listed to people.
std::span<const TableKind> table_kinds();

struct Validation {
  std::string table;
  std::vector<std::string_view> groupings;
  std::vector<ValidationRow> rows;
  std::string_view coloured_by{};
};

/// Predicts every row. Issues: a file that can't be read, a column that is missing, a word that is none of its
/// column's, a measurement that is no number (a warning). `progress(done, of)` is called as rows finish.
std::optional<Validation> validate(const TableKind&, const std::filesystem::path& table, int processes,
                                   const std::function<void(std::size_t, std::size_t)>& progress, Issues&);

struct ErrorSummary {
  std::size_t rows = 0, predicted = 0, unsupported = 0, compared = 0;
  double median = 0, mean = 0, p95 = 0;  ///< of the absolute error, over rows that are measured
};
using RowSelection = std::vector<const ValidationRow*>;
/// Of one quantity (its place in ValidationRow::quantities).
ErrorSummary summarize(const RowSelection&, std::size_t quantity = 0);

/// A third of the groups of rows only checks: no constant is fitted on them. By hash, so that it never changes.
std::string_view part_of(std::string_view group);  ///< "fitted" or "checked"

RowSelection judged_rows(const Validation&);
/// By how much the median error of judged rows that only check exceeds that of judged rows that constants were fitted
/// on; nothing when a part is missing.
std::optional<double> gap_between_parts(const Validation&, std::size_t quantity);

nlohmann::ordered_json to_json(const Validation&);  ///< the format that README.md documents
std::string to_text(const Validation&);             ///< tables for a terminal

}  // namespace plenum::analysis
