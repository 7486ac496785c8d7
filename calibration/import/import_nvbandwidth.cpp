// nvbandwidth: per test a line "Running TEST.", a caption that names the unit, a row of column numbers, and a matrix
// of rates. A rate becomes the time of one buffer (512 MiB unless the output names another size).
#include <fmt/format.h>

#include "calibration/import/import.hpp"
#include "calibration/import/lines.hpp"

namespace plenum::calibration {
namespace {

constexpr double mebibyte = 1 << 20;

struct Test {
  std::string name;
  bool gigabytes = false;  ///< the caption said GB/s
  std::size_t columns = 0;
};

bool all_numbers(const std::vector<std::string>& words) {
  for (const std::string& word : words)
    if (!number_of(word)) return false;
  return !words.empty();
}

/// "Buffer size: 512 MiB", as some releases print it.
std::optional<double> buffer_of(const Line& line) {
  const auto& w = line.words;
  for (std::size_t i = 0; i + 2 < w.size(); ++i)
    if (w[i] == "size:" && (w[i + 2] == "MiB" || w[i + 2] == "MiB.")) return number_of(w[i + 1]);
  return std::nullopt;
}

}  // namespace

std::optional<MeasurementFile> import_nvbandwidth(std::string_view text, const std::string& name, Issues& issues) {
  MeasurementFile file;
  Test test;
  double buffer = 512 * mebibyte;
  Issues found;
  const auto complain = [&](const Line& line, const std::string& what) {
    found.error({name, line.number, 1}, "", what);
  };
  for (const Line& line : lines_of(text)) {
    const auto& w = line.words;
    if (const auto size = buffer_of(line)) buffer = *size * mebibyte;
    if (w.size() >= 2 && w[0] == "Running") test = {w[1].substr(0, w[1].find_last_not_of('.') + 1), false, 0};
    if (line.text.find("(GB/s)") != std::string::npos) test.gigabytes = true;
    if (test.name.empty() || w.empty() || !number_of(w[0])) continue;
    if (test.columns == 0) {
      if (all_numbers(w)) test.columns = w.size();
      continue;
    }
    if (w.size() != test.columns + 1) {
      complain(line, fmt::format("{} words; a row of {} has {}", w.size(), test.name, test.columns + 1));
      continue;
    }
    if (!test.gigabytes)
      complain(line, fmt::format("{}: rates without their unit; the caption must say (GB/s)", test.name));
    for (std::size_t c = 0; c < test.columns; ++c) {
      if (w[c + 1] == "N/A") continue;
      const auto rate = number_of(w[c + 1]);
      if (!rate || *rate <= 0) complain(line, fmt::format("rate \"{}\" is no positive number", w[c + 1]));
      if (rate && *rate > 0)
        file.kernels.push_back(
            {test.name, fmt::format("bytes={:.0f} row={} column={}", buffer, w[0], c), {1e6 * buffer / (*rate * 1e9)}});
    }
  }
  if (file.kernels.empty() && !found.has_errors())
    found.error({name, 0, 0}, "",
                "no matrix of nvbandwidth here: \"Running host_to_device_memcpy_ce.\" and rates in GB/s");
  for (const Issue& issue : found.all()) issues.add(issue);
  return found.has_errors() ? std::nullopt : std::optional(file);
}

}  // namespace plenum::calibration
