#include "analysis/validation/proof/proof_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "sim/core/json.hpp"

namespace plenum::analysis {
namespace {

constexpr std::string_view proof_format = "plenum-proof-1";
constexpr std::array<std::string_view, 2> kind_names{"training", "decode"};
constexpr std::array<std::string_view, 3> mode_names{"eager", "compiled", "graphs"};

std::string name_of(const ProofRun& run) {
  return fmt::format("{} {} {} {} {}x{}", names_of(run.kind)[std::size_t(run.kind)], run.model, name_of(run.precision),
                     names_of(run.mode)[std::size_t(run.mode)], run.batch, run.tokens);
}

void check(const ProofFile& file, const json::Value& root, Issues& issues) {
  const auto complain = [&](const std::string& pointer, const std::string& message) {
    issues.error(json::position_of(root, pointer), pointer, message);
  };
  if (file.format != proof_format)
    complain("/format", fmt::format("\"{}\" is not \"{}\"", file.format, proof_format));
  if (!file.complete) complain("/complete", "the run was cut short; start calibration/proof/measure.py again to go on");
  if (file.runs.empty()) complain("/runs", "no runs");
  for (std::size_t i = 0; i < file.runs.size(); ++i)
    if (file.runs[i].seconds.empty()) complain(fmt::format("/runs/{}/seconds", i), "needs at least one repetition");
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < file.runs.size(); ++i)
    if (const auto [first, is_new] = known.try_emplace(name_of(file.runs[i]), i); !is_new)
      complain(fmt::format("/runs/{}", i), fmt::format("\"{}\" is /runs/{} already; every run counts once, remove one",
                                                       first->first, first->second));
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

std::vector<std::string> cells_of(const ProofFile& file, const ProofRun& run) {
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  const bool training = run.kind == ProofKind::training;
  const std::string kind(names_of(run.kind)[std::size_t(run.kind)]), mode(names_of(run.mode)[std::size_t(run.mode)]);
  return {name_of(run),
          kind,
          mode,
          file.gpu,
          "1",
          run.model,
          "dense",
          number(run.layers),
          number(run.hidden),
          number(run.heads),
          number(run.kv_heads),
          number(run.ffn),
          number(run.vocabulary),
          number(run.tokens),
          number(training ? run.batch : 1),
          number(run.batch),
          "1",
          "1",
          std::string(name_of(run.precision)),
          "none",
          "none",
          fmt::format("{}", median(run.seconds))};
}

}  // namespace

std::span<const std::string_view> names_of(ProofKind) { return kind_names; }
std::span<const std::string_view> names_of(ProofMode) { return mode_names; }

void describe(Fields& fields, ProofRun& r) {
  fields.required("kind", r.kind, "A training step, or one token for every sequence");
  fields.required("mode", r.mode, "How PyTorch ran it");
  fields.required("precision", r.precision, "Of the layers' matrix products");
  fields.required("model", r.model, "Its name");
  fields.required("layers", r.layers, "Layers that were run", at_least(1));
  fields.required("hidden", r.hidden, "Width", at_least(1));
  fields.required("heads", r.heads, "Query heads", at_least(1));
  fields.required("kv_heads", r.kv_heads, "Heads of keys and values", at_least(1));
  fields.required("ffn", r.ffn, "Width of the gated MLP", at_least(1));
  fields.required("vocabulary", r.vocabulary, "Rows of the embedding", at_least(1));
  fields.required("batch", r.batch, "Sequences", at_least(1));
  fields.required("tokens", r.tokens, "Of a sequence; cached ones when decoding", at_least(1));
  fields.required("seconds", r.seconds, "Every repetition", positive());
}

void describe(Fields& fields, ProofFile& f) {
  fields.required("format", f.format, "plenum-proof-1");
  fields.required("gpu", f.gpu, "Device name");
  fields.required("date", f.date, "Year-month-day");
  fields.required("software", f.software, "Versions");
  fields.required("complete", f.complete, "False when the run was cut short");
  fields.required("runs", f.runs, "Measurements");
}

std::optional<CsvTable> read_proof(const std::filesystem::path& path, Issues& issues) {
  const auto root = json::parse_file(path, issues);
  if (!root) return std::nullopt;
  ProofFile file;
  Issues found;
  read_fields(
      *root, "", [&](Fields& fields) { describe(fields, file); }, found);
  if (!found.has_errors()) check(file, *root, found);
  for (const Issue& issue : found.all()) issues.add(issue);
  if (found.has_errors()) return std::nullopt;
  CsvTable table;
  table.file = path.string();
  table.columns = {"id",    "kind",     "mode", "gpu",       "n_gpus",         "model",
                   "arch",  "layers",   "hidden", "heads",   "kv_heads",       "ffn",
                   "vocab", "seq_len_tokens", "gbs_sequences", "mbs", "tp",    "pp",
                   "precision", "recompute", "zero_or_dist_opt", "time"};
  for (const ProofRun& run : file.runs) table.rows.push_back({int(table.rows.size()) + 1, cells_of(file, run)});
  return table;
}

}  // namespace plenum::analysis
