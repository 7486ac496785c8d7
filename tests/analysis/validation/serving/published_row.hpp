// A row of the serving table, written by a test.
#pragma once

#include <map>
#include <string>

#include "analysis/validation/row_cells.hpp"

namespace plenum::analysis::test {

using Cells = std::map<std::string, std::string>;

/// One row of a table, column by column.
class PublishedRow {
 public:
  explicit PublishedRow(const Cells& cells) {
    CsvTable::Row row{2, {}};
    for (const auto& [column, text] : cells) {
      table_.columns.push_back(column);
      row.cells.push_back(text);
    }
    table_.rows.push_back(row);
  }
  RowCells cells() const { return {table_, table_.rows.front()}; }

 private:
  CsvTable table_;
};

}  // namespace plenum::analysis::test
