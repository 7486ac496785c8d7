// Cells of one row of the training table, typed. Thrown inside analysis/ only: a row that can't be predicted, with its
// reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/core/csv.hpp"

namespace plenum::analysis {

struct Unsupported {
  std::string reason;
};

class RowCells {
 public:
  RowCells(const CsvTable& table, const CsvTable::Row& row) : table_(table), row_(row) {}

  std::string_view text(std::string_view column) const { return table_.cell(row_, column); }
  /// Nothing for an empty cell; throws Unsupported for one that holds no positive number.
  std::optional<std::int64_t> integer(std::string_view column) const;
  std::optional<double> number(std::string_view column) const;
  /// integer() of a cell that must not be empty.
  std::int64_t required(std::string_view column) const;
  /// The cell's text in lower case contains `word`.
  bool mentions(std::string_view column, std::string_view word) const;

 private:
  const CsvTable& table_;
  const CsvTable::Row& row_;
};

}  // namespace plenum::analysis
