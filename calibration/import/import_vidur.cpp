// Vidur's profiles (CSV): a row per shape, per kernel the columns time_stats.KERNEL.{min,max,mean,median,std} in
// milliseconds.
#include <fmt/format.h>

#include <algorithm>

#include "calibration/import/import.hpp"
#include "calibration/import/lines.hpp"

namespace plenum::calibration {
namespace {

constexpr std::string_view prefix = "time_stats.", median = ".median";

bool is_median(const std::string& column) { return column.starts_with(prefix) && column.ends_with(median); }

std::string kernel_of(const std::string& column) {
  return column.substr(prefix.size(), column.size() - prefix.size() - median.size());
}

std::string shape_of(const std::vector<std::string>& columns, const std::vector<std::string>& cells) {
  std::string shape;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (!columns[c].empty() && !columns[c].starts_with(prefix) && !columns[c].starts_with("Unnamed"))
      shape += fmt::format("{}{}={}", shape.empty() ? "" : " ", columns[c], cells[c]);
  return shape;
}

}  // namespace

std::optional<MeasurementFile> import_vidur(std::string_view text, const std::string& name, Issues& issues) {
  const auto lines = lines_of(text);
  const auto columns = lines.empty() ? std::vector<std::string>{} : cells_of(lines[0].text);
  MeasurementFile file;
  Issues found;
  if (std::none_of(columns.begin(), columns.end(), is_median))
    found.error({name, 1, 1}, "", "no column \"time_stats.KERNEL.median\": is this a profile of Vidur?");
  for (std::size_t i = 1; i < lines.size() && !found.has_errors(); ++i) {
    if (lines[i].words.empty()) continue;
    const auto cells = cells_of(lines[i].text);
    if (cells.size() != columns.size()) {
      found.error({name, lines[i].number, 1}, "",
                  fmt::format("{} cells; the header has {}", cells.size(), columns.size()));
      continue;
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (!is_median(columns[c]) || cells[c].empty()) continue;
      const auto milliseconds = number_of(cells[c]);
      if (milliseconds && *milliseconds > 0)
        file.kernels.push_back({kernel_of(columns[c]), shape_of(columns, cells), {1e3 * *milliseconds}});
      else
        found.error({name, lines[i].number, 1}, "",
                    fmt::format("column \"{}\": \"{}\" is no positive number", columns[c], cells[c]));
    }
  }
  for (const Issue& issue : found.all()) issues.add(issue);
  return found.has_errors() ? std::nullopt : std::optional(file);
}

}  // namespace plenum::calibration
