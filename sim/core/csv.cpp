#include "sim/core/csv.hpp"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>

#include "sim/core/files.hpp"

namespace plenum {
namespace {

/// Collects libcsv's callbacks. Text is fed line by line, so that every row knows the line it starts on.
struct Collector {
  std::vector<CsvTable::Row> rows;
  CsvTable::Row row;

  static void cell(void* text, std::size_t size, void* self) {
    static_cast<Collector*>(self)->row.cells.emplace_back(static_cast<const char*>(text), size);
  }
  static void end_of_row(int, void* self) {
    auto& collector = *static_cast<Collector*>(self);
    collector.rows.push_back(std::move(collector.row));
    collector.row = {};
  }
};

struct Parser {
  csv_parser state;
  Parser() { csv_init(&state, CSV_STRICT | CSV_STRICT_FINI); }
  ~Parser() { csv_free(&state); }
};

std::vector<CsvTable::Row> parse_rows(std::string_view text, const std::string& file, Issues& issues) {
  Parser parser;
  Collector collector;
  int line = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::string_view physical_line = text.substr(begin, end - begin);
    ++line;
    const bool blank = physical_line.find_first_not_of("\r\n") == std::string_view::npos;
    if (collector.row.line == 0 && !blank) collector.row.line = line;
    if (csv_parse(&parser.state, physical_line.data(), physical_line.size(), &Collector::cell, &Collector::end_of_row,
                  &collector) != physical_line.size()) {
      issues.error({file, line, 1}, "",
                   "a quote stands inside a cell; quote the whole cell and double the quotes in it");
      return {};
    }
    begin = end;
  }
  const int last_row = collector.row.line;
  if (csv_fini(&parser.state, &Collector::cell, &Collector::end_of_row, &collector) != 0)
    issues.error({file, last_row, 1}, "", "a quoted cell of this row is never closed");
  return std::move(collector.rows);
}

}  // namespace

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::ranges::find(columns, name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

std::string_view CsvTable::cell(const Row& row, std::string_view name) const {
  const auto index = column(name);
  return index && *index < row.cells.size() ? std::string_view(row.cells[*index]) : std::string_view();
}

std::optional<CsvTable> read_csv(const std::filesystem::path& file, Issues& issues) {
  auto text = file.extension() == ".zst" ? read_zstd(file, issues) : read_whole(file, issues);
  if (!text) return std::nullopt;
  if (text->starts_with("\xEF\xBB\xBF")) text->erase(0, 3);

  CsvTable table;
  table.file = file.string();
  Issues found;
  table.rows = parse_rows(*text, table.file, found);
  if (table.rows.empty() && !found.has_errors())
    found.error({table.file}, "", "is empty; its first row must name the columns");
  if (!table.rows.empty()) {
    table.columns = std::move(table.rows.front().cells);
    table.rows.erase(table.rows.begin());
  }
  for (const auto& row : table.rows)
    if (row.cells.size() != table.columns.size())
      found.error({table.file, row.line, 1}, "",
                  fmt::format("has {} cells, but the header names {} columns", row.cells.size(), table.columns.size()));
  for (const auto& issue : found.all()) issues.add(issue);
  if (found.has_errors()) return std::nullopt;
  return table;
}

}  // namespace plenum
