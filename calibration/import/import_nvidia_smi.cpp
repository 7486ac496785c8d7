// nvidia-smi: the CSV of --query-gpu, and the matrix of links of topo -m. Both are facts, not times.
#include <fmt/format.h>

#include <algorithm>

#include "calibration/import/import.hpp"
#include "calibration/import/lines.hpp"

namespace plenum::calibration {
namespace {

constexpr std::array<std::string_view, 6> link_kinds{"X", "SYS", "NODE", "PHB", "PXB", "PIX"};

bool is_link(const std::string& cell) {
  const bool named = std::find(link_kinds.begin(), link_kinds.end(), cell) != link_kinds.end();
  return named || (cell.starts_with("NV") && number_of(cell.substr(2)));
}

/// GPUs and NICs head the matrix's columns; affinities follow.
std::size_t devices_in(const std::vector<std::string>& header) {
  const auto device = [](const std::string& w) {
    return w.starts_with("GPU") || w.starts_with("NIC") || w.starts_with("mlx");
  };
  return static_cast<std::size_t>(std::find_if_not(header.begin(), header.end(), device) - header.begin());
}

}  // namespace

std::optional<MeasurementFile> import_nvidia_smi(std::string_view text, const std::string& name, Issues& issues) {
  const auto lines = lines_of(text);
  const auto columns = lines.empty() ? std::vector<std::string>{} : cells_of(lines[0].text);
  MeasurementFile file;
  Issues found;
  if (columns.size() < 2)
    found.error({name, 1, 1}, "", "no header of \"nvidia-smi --query-gpu=... --format=csv\" here");
  for (std::size_t i = 1; i < lines.size() && !found.has_errors(); ++i) {
    if (lines[i].words.empty()) continue;
    const auto cells = cells_of(lines[i].text);
    if (cells.size() != columns.size())
      found.error({name, lines[i].number, 1}, "",
                  fmt::format("{} cells; the header has {}", cells.size(), columns.size()));
    else
      for (std::size_t c = 0; c < columns.size(); ++c)
        file.facts.push_back({fmt::format("gpu{} {}", i - 1, columns[c]), cells[c]});
  }
  for (const Issue& issue : found.all()) issues.add(issue);
  return found.has_errors() ? std::nullopt : std::optional(file);
}

std::optional<MeasurementFile> import_topology_matrix(std::string_view text, const std::string& name, Issues& issues) {
  MeasurementFile file;
  std::vector<std::string> header;
  std::size_t devices = 0;
  Issues found;
  for (const Line& line : lines_of(text)) {
    if (line.words.empty()) {
      if (devices > 0) break;  // the legend follows
      continue;
    }
    if (devices == 0) {
      header = line.words;
      devices = devices_in(header);
      continue;
    }
    if (line.words.size() < devices + 1) {
      found.error({name, line.number, 1}, "",
                  fmt::format("{} words; a row has a name and {} links", line.words.size(), devices));
      continue;
    }
    for (std::size_t c = 0; c < devices; ++c) {
      const std::string& link = line.words[c + 1];
      if (!is_link(link))
        found.error({name, line.number, 1}, "",
                    fmt::format("\"{}\" is no link: X, NV18, PIX, PXB, PHB, NODE or SYS", link));
      else if (link != "X")
        file.facts.push_back({fmt::format("link {} {}", line.words[0], header[c]), link});
    }
  }
  if (devices == 0)
    found.error({name, 0, 0}, "", "no matrix of \"nvidia-smi topo -m\" here: its first line names GPU0, GPU1, ...");
  for (const Issue& issue : found.all()) issues.add(issue);
  return found.has_errors() ? std::nullopt : std::optional(file);
}

}  // namespace plenum::calibration
