// Comma-separated tables (RFC 4180, libcsv), read as they come: first row names the columns, cells are text.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/issue.hpp"

namespace plenum {

class CsvTable {
 public:
  std::vector<std::string> columns;
  struct Row {
    int line = 0;  ///< of the file, from 1
    std::vector<std::string> cells;
  };
  std::vector<Row> rows;
  std::string file;

  std::optional<std::size_t> column(std::string_view name) const;
  /// Cell of a row by column name; empty when the column or the cell is absent.
  std::string_view cell(const Row&, std::string_view name) const;
};

/// The table, or nothing with errors: unreadable file, no header, a row with more or fewer cells than the header.
/// A name ending in .zst is decompressed.
std::optional<CsvTable> read_csv(const std::filesystem::path& file, Issues& issues);

}  // namespace plenum
