#include "analysis/validation/serving/run_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "sim/core/files.hpp"
#include "sim/core/json.hpp"

namespace plenum::analysis {
namespace {

using Path = std::filesystem::path;

constexpr std::string_view meta_ending = "__meta.json", requests_ending = "__requests.jsonl";
constexpr std::array<std::string_view, 7> arguments{"tensor_parallel_size",   "data_parallel_size",
                                                    "enable_expert_parallel", "max_num_seqs",
                                                    "max_num_batched_tokens", "dtype",
                                                    "kv_cache_dtype"};

std::optional<std::string> read_text(const Path& file, Issues& issues) {
  return file.extension() == ".zst" ? read_zstd(file, issues) : read_whole(file, issues);
}

std::string cell_of(const json::Value* value) {
  if (!value) return "";
  if (const auto* text = std::get_if<std::string>(&value->data)) return *text;
  return std::holds_alternative<std::nullptr_t>(value->data) ? "" : json::canonical(*value);
}

/// Sums over the requests of a run.
struct Measured {
  double requests = 0, first_tokens = 0, per_token = 0, several = 0, whole = 0, decoding = 0, gaps = 0, outputs = 0;
  double begin = 0, end = 0;

  void add(double queued, double first, double last, double output) {
    if (requests == 0) begin = queued;
    end = std::max(end, last);
    ++requests;
    first_tokens += first - queued;
    whole += last - queued;
    outputs += output;
    if (output <= 1) return;
    ++several;
    per_token += (last - first) / (output - 1);
    decoding += last - first;
    gaps += output - 1;
  }
  std::vector<std::string> cells() const {
    const auto share = [](double sum, double of) { return of > 0 ? fmt::format("{}", sum / of) : ""; };
    return {share(first_tokens, requests), share(per_token, several), share(whole, requests), share(decoding, gaps),
            share(outputs, end - begin)};
  }
};

/// One request: moments in seconds of one clock, and its output tokens.
bool add_line(const std::string& line, const Position& where, Measured& measured, Issues& issues) {
  const auto object = json::parse(line, where.file, issues);
  if (!object) return false;
  std::array<double, 4> values{};
  constexpr std::array<std::string_view, 4> names{"queued_ts", "first_token_ts", "last_token_ts", "output_toks"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto* value = object->find(names[i]);
    const auto* real = value ? std::get_if<double>(&value->data) : nullptr;
    const auto* whole = value ? std::get_if<std::int64_t>(&value->data) : nullptr;
    if (!real && !whole) {
      issues.error(where, "", fmt::format("a request needs the number \"{}\"", names[i]));
      return false;
    }
    values[i] = real ? *real : static_cast<double>(*whole);
  }
  measured.add(values[0], values[1], values[2], values[3]);
  return true;
}

std::optional<Measured> read_requests(const Path& file, Issues& issues) {
  const auto text = read_text(file, issues);
  if (!text) return std::nullopt;
  Measured measured;
  std::istringstream lines(*text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number)
    if (!line.empty() && !add_line(line, {file.string(), number, 1}, measured, issues)) return std::nullopt;
  return measured;
}

/// The requests beside a meta file, or an empty path.
Path requests_beside(const Path& meta, std::string_view name) {
  for (const char* ending : {".zst", ""}) {
    Path file = meta.parent_path() / (std::string(name) + std::string(requests_ending) + ending);
    if (std::filesystem::exists(file)) return file;
  }
  return {};
}

bool add_run(const Path& meta, CsvTable& table, Issues& issues) {
  const std::string file = meta.filename().string(), name = file.substr(0, file.find(meta_ending));
  const auto text = read_text(meta, issues);
  const auto object = text ? json::parse(*text, meta.string(), issues) : std::nullopt;
  if (!object || !object->is_object()) return false;
  const Path requests = requests_beside(meta, name);
  if (requests.empty()) {
    issues.error({meta.string()}, "", fmt::format("there is no {}{} beside it", name, requests_ending));
    return false;
  }
  const auto measured = read_requests(requests, issues);
  if (!measured) return false;
  auto& cells = table.rows.emplace_back(CsvTable::Row{static_cast<int>(table.rows.size()) + 1, {}}).cells;
  cells = {name, name.substr(0, name.find("__")), cell_of(object->find("model")),
           cell_of(object->find("vllm_version"))};
  for (const auto argument : arguments)
    cells.push_back(cell_of(json::at(*object, "/engine_kwargs/" + std::string(argument))));
  cells.push_back(std::filesystem::absolute(requests).string());
  std::ranges::copy(measured->cells(), std::back_inserter(cells));
  return true;
}

}  // namespace

std::optional<CsvTable> read_runs(const Path& folder, Issues& issues) {
  CsvTable table;
  table.file = folder.string();
  table.columns = {"id", "gpu", "model", "vllm_version"};
  table.columns.insert(table.columns.end(), arguments.begin(), arguments.end());
  for (const char* column : {"requests", "ttft", "tpot", "end_to_end", "itl", "throughput"})
    table.columns.emplace_back(column);
  std::error_code unreadable;
  std::vector<Path> metas;
  for (const auto& entry : std::filesystem::directory_iterator(folder, unreadable))
    if (entry.path().filename().string().find(meta_ending) != std::string::npos) metas.push_back(entry.path());
  std::ranges::sort(metas);
  if (metas.empty()) issues.error({folder.string()}, "", fmt::format("is no folder with runs (NAME{})", meta_ending));
  for (const Path& meta : metas)
    if (!add_run(meta, table, issues) && !issues.has_errors())
      issues.error({meta.string()}, "", "is not what a run was started with");
  if (issues.has_errors()) return std::nullopt;
  return table;
}

}  // namespace plenum::analysis
