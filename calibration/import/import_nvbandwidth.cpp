// nvbandwidth, as text or as JSON (-j): per test a description that names the unit and a matrix of rates or latencies.
// A rate becomes the time of one buffer (512 MiB unless the text names another size).
#include <fmt/format.h>

#include "calibration/import/import.hpp"
#include "calibration/import/lines.hpp"
#include "sim/core/json.hpp"

namespace plenum::calibration {
namespace {

constexpr double mebibyte = 1 << 20;

enum class Unit : std::uint8_t { unknown, gigabytes_per_second, nanoseconds };

Unit unit_in(std::string_view description, Unit otherwise) {
  if (description.find("(GB/s)") != description.npos) return Unit::gigabytes_per_second;
  if (description.find("(ns)") != description.npos) return Unit::nanoseconds;
  return otherwise;
}

struct Test {
  std::string name;
  Unit unit = Unit::unknown;
  std::size_t columns = 0;
};

/// Takes cells of matrices in, or complains.
struct Matrices {
  const std::string& name;
  Issues& issues;
  MeasurementFile file{};
  double buffer = 512 * mebibyte;

  void complain(const Position& where, const std::string& what) const { issues.error(where, "", what); }
  void no_unit(const Position& where, const Test& test) const {
    complain(where, fmt::format("{}: rates without their unit; the caption must say (GB/s)", test.name));
  }
  void add(const Position& where, const Test& test, const std::string& row, std::size_t column,
           const std::string& cell) {
    if (cell == "N/A") return;
    const auto value = number_of(cell);
    if (!value || *value <= 0) return complain(where, fmt::format("rate \"{}\" is no positive number", cell));
    const bool latency = test.unit == Unit::nanoseconds;
    file.kernels.push_back(
        {test.name,
         latency ? fmt::format("row={} column={}", row, column)
                 : fmt::format("bytes={:.0f} row={} column={}", buffer, row, column),
         {latency ? *value / 1e3 : 1e6 * buffer / (*value * 1e9)}});
  }
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

/// A row of column numbers, then the matrix.
void read_row(const Line& line, Test& test, Matrices& matrices) {
  const auto& w = line.words;
  const Position where{matrices.name, line.number, 1};
  if (test.columns == 0) {
    if (all_numbers(w)) test.columns = w.size();
    return;
  }
  if (w.size() != test.columns + 1)
    return matrices.complain(where, fmt::format("{} words; a row of {} has {}", w.size(), test.name, test.columns + 1));
  if (test.unit == Unit::unknown) matrices.no_unit(where, test);
  for (std::size_t c = 0; c < test.columns; ++c) matrices.add(where, test, w[0], c, w[c + 1]);
}

void read_text(std::string_view text, Matrices& matrices) {
  Test test;
  for (const Line& line : lines_of(text)) {
    const auto& w = line.words;
    if (const auto size = buffer_of(line); size && *size > 0) matrices.buffer = *size * mebibyte;
    if (w.size() >= 2 && w[0] == "Running") test = {w[1].substr(0, w[1].find_last_not_of('.') + 1), Unit::unknown, 0};
    test.unit = unit_in(line.text, test.unit);
    if (!test.name.empty() && !w.empty() && number_of(w[0])) read_row(line, test, matrices);
  }
}

std::string text_at(const json::Value& object, std::string_view key) {
  const json::Value* value = object.find(key);
  return value && value->is_string() ? std::get<std::string>(value->data) : "";
}

/// {"name", "status", "bandwidth_description", "bandwidth_matrix": [["53.7", "N/A"]]}; a test that was waived has no matrix.
void read_testcase(const json::Value& testcase, Matrices& matrices) {
  const Test test{text_at(testcase, "name"), unit_in(text_at(testcase, "bandwidth_description"), Unit::unknown), 0};
  const json::Value* matrix = testcase.find("bandwidth_matrix");
  if (const std::string error = text_at(testcase, "error"); !error.empty())
    return matrices.complain(testcase.where, fmt::format("{} failed: {}", test.name, error));
  if (!matrix || !matrix->is_array()) return;
  if (test.unit == Unit::unknown) return matrices.no_unit(testcase.where, test);
  std::size_t row_number = 0;
  for (const json::Value& row : std::get<json::Array>(matrix->data)) {
    std::size_t column = 0;
    if (!row.is_array()) return matrices.complain(row.where, fmt::format("{}: a row is no array", test.name));
    for (const json::Value& cell : std::get<json::Array>(row.data))
      matrices.add(cell.where, test, std::to_string(row_number), column++,
                   cell.is_string() ? std::get<std::string>(cell.data) : json::canonical(cell));
    ++row_number;
  }
}

void read_json(std::string_view text, Matrices& matrices) {
  const auto root = json::parse(text, matrices.name, matrices.issues);
  const json::Value* cases = root ? json::at(*root, "/nvbandwidth/testcases") : nullptr;
  if (!cases || !cases->is_array()) return;
  for (const json::Value& testcase : std::get<json::Array>(cases->data)) read_testcase(testcase, matrices);
}

}  // namespace

std::optional<MeasurementFile> import_nvbandwidth(std::string_view text, const std::string& name, Issues& issues) {
  Issues found;
  Matrices matrices{name, found};
  const auto first = text.find_first_not_of(" \t\r\n");
  (first != text.npos && text[first] == '{' ? read_json : read_text)(text, matrices);
  if (matrices.file.kernels.empty() && !found.has_errors())
    found.error({name, 0, 0}, "",
                "no matrix of nvbandwidth here: \"Running host_to_device_memcpy_ce.\" and rates in GB/s, or the JSON of -j");
  for (const Issue& issue : found.all()) issues.add(issue);
  return found.has_errors() ? std::nullopt : std::optional(matrices.file);
}

}  // namespace plenum::calibration
