// nccl-tests: comment lines with '#', then one line per message size:
//   size count type [redop] root  time algbw busbw #wrong  time algbw busbw #wrong     (out of place, in place; us,
//   GB/s)
#include <fmt/format.h>

#include <algorithm>

#include "calibration/import/import.hpp"
#include "calibration/import/lines.hpp"

namespace plenum::calibration {
namespace {

constexpr std::string_view suffix = "_perf";

struct Header {
  std::string operation = "collective";
  int ranks = 0;
};

/// "# Collective test starting: all_reduce_perf", "#  Rank  0 Group ..."
void read_comment(const Line& line, Header& header) {
  for (const std::string& word : line.words)
    if (word.ends_with(suffix)) {
      const auto slash = word.rfind('/');
      header.operation = word.substr(slash == word.npos ? 0 : slash + 1);
      header.operation.resize(header.operation.size() - suffix.size());
    }
  if (line.words.size() > 1 && line.words[1] == "Rank") ++header.ranks;
}

struct Row {
  std::string bytes, type;
  std::string times[2], wrong[2];
};

/// The last eight words are times, rates and errors, out of place and in place.
std::optional<Row> row_of(const Line& line) {
  const auto& w = line.words;
  if (w.size() < 11) return std::nullopt;
  const std::size_t first = w.size() - 8;
  return Row{w[0], w[2], {w[first], w[first + 4]}, {w[first + 3], w[first + 7]}};
}

}  // namespace

std::optional<MeasurementFile> import_nccl_tests(std::string_view text, const std::string& name, Issues& issues) {
  static constexpr const char* places[]{"out_of_place", "in_place"};
  MeasurementFile file;
  Header header;
  Issues found;
  const auto complain = [&](const Line& line, const std::string& what) {
    found.error({name, line.number, 1}, "", what);
  };
  for (const Line& line : lines_of(text)) {
    if (!line.words.empty() && line.words[0].starts_with('#')) read_comment(line, header);
    if (line.words.empty() || !number_of(line.words[0])) continue;
    const auto row = row_of(line);
    if (!row) {
      complain(line, fmt::format("{} words; a line of nccl-tests has at least 11 (cut short?)", line.words.size()));
      continue;
    }
    for (std::size_t p = 0; p < 2; ++p) {
      if (row->wrong[p] != "0" && row->wrong[p] != "N/A")
        complain(line, fmt::format("{} wrong values {}: the run is not to be trusted", row->wrong[p], places[p]));
      if (row->times[p] == "N/A") continue;
      const auto time = number_of(row->times[p]);
      if (!time || *time <= 0) complain(line, fmt::format("time \"{}\" is no positive number", row->times[p]));
      if (time && *time > 0)
        file.kernels.push_back({header.operation,
                                fmt::format("{} ranks={} bytes={} {}", row->type, header.ranks, row->bytes, places[p]),
                                {*time}});
    }
  }
  if (file.kernels.empty() && !found.has_errors())
    found.error({name, 0, 0}, "", "no line of nccl-tests here: \"size count type ... time algbw busbw\"");
  for (const Issue& issue : found.all()) issues.add(issue);
  return found.has_errors() ? std::nullopt : std::optional(file);
}

}  // namespace plenum::calibration
