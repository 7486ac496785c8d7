// Numbers out of a table's cells, with the line in every complaint.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "sim/core/csv.hpp"

namespace plenum::calibration {

/// One column of one row as a number; an issue when it is none.
class Cells {
 public:
  Cells(const CsvTable& table, Issues& issues) : table_(table), issues_(issues) {}

  std::string_view text(const CsvTable::Row& row, std::string_view name) const { return table_.cell(row, name); }
  template <class T>
  T number(const CsvTable::Row& row, std::string_view name) {
    const std::string_view cell = text(row, name);
    T value{};
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error == std::errc() && end == cell.data() + cell.size() && value > T{}) return value;
    issues_.error({table_.file, row.line, 0}, "",
                  fmt::format("column \"{}\": \"{}\" is no positive number", name, cell));
    return T{1};
  }

 private:
  const CsvTable& table_;
  Issues& issues_;
};

}  // namespace plenum::calibration
