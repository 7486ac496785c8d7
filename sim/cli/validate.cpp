// `plenum validate`: predictions held against published measurements.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "analysis/validation/serving/knee_picture.hpp"
#include "analysis/validation/validation.hpp"
#include "analysis/validation/validation_picture.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/progress.hpp"
#include "sim/core/files.hpp"

namespace plenum::cli {
namespace {

std::string kinds_text() {
  std::string text;
  for (const auto& kind : analysis::table_kinds()) text += fmt::format("  {:<20} {}\n", kind.name, kind.holds);
  return text;
}

Syntax syntax() {
  Syntax syntax{"plenum validate KIND FILE.csv [options]",
                "Predicts every row of a table of measurements and tells the errors: all of them, and by family, GPU,\n"
                "precision and more. Rows that can't be predicted are listed with the reason. Kinds of tables:\n" +
                    kinds_text(),
                "  plenum validate training analysis/measurements/training_public.csv --json validation.json\n"
                "  plenum validate training rows.csv --fail-above-median 10%\n",
                po::options_description("Options"),
                {"kind", "table"}};
  syntax.options.add_options()("kind", po::value<std::string>()->required(), "")(
      "table", po::value<std::string>()->required(), "")("json", po::value<std::string>()->value_name("FILE"),
                                                         "Write every row; - is stdout, without the tables")(
      "fail-above-median", po::value<std::string>()->value_name("PERCENT"),
      "Exit with 4 when the median absolute error of a quantity is larger, over the rows that are described\n"
      "completely and measured without doubt")(
      "fail-above-gap", po::value<std::string>()->value_name("PERCENT"),
      "Exit with 4 when the median of rows that only check exceeds that of rows with fitted constants by more points")(
      "picture", po::value<std::string>()->value_name("FILE.svg"), "Draw predicted against measured")(
      "knee", po::value<std::string>()->value_name("FILE.svg"),
      "Draw what was predicted and measured against the request rate (serving-online)")(
      "gate", po::value<std::vector<std::string>>()->composing()->value_name("GATE"),
      "Exit with 4 unless one group meets it: \"limit=below 1 MiB: median <= 15%\"; median, mean or p95; a quantity's\n"
      "name before it, \"tpot: doubts=none: p95 <= 40%\", asks for that one alone; repeatable");
  return syntax;
}

const analysis::TableKind& kind_named(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& kind : analysis::table_kinds()) {
    if (kind.name == name) return kind;
    names.emplace_back(kind.name);
  }
  fail_usage(syntax(), fmt::format("unknown kind of table \"{}\"{}", name, suggestion(name, names)));
}

bool has_columns(const analysis::TableKind& kind, const CsvTable& table) {
  return std::ranges::all_of(kind.columns, [&](auto column) { return table.column(column).has_value(); });
}

/// Collectives are told in two forms of tables, as nccl-tests prints them and DeepEP's exchanges: columns say which.
const analysis::TableKind& kind_of(const std::string& name, const std::string& file) {
  const auto& kind = kind_named(name);
  if (name != "collectives") return kind;
  Issues told_later;
  const auto table = kind.read(file, told_later);
  const auto& exchanges = kind_named("alltoall");
  return table && !has_columns(kind, *table) && has_columns(exchanges, *table) ? exchanges : kind;
}

/// "limit=below 1 MiB: median <= 15%", of all quantities; "tpot: doubts=none: p95 <= 40%", of one.
struct Gate {
  std::string written, quantity, label, group, statistic;
  double limit = 0;
};

const std::string nothing_measured = "no row has a measurement";

Gate gate_of(const std::string& text) {
  static const std::regex form(R"((?:(\w+): *)?(\w+)=(.+): *(median|mean|p95) *<= *([0-9.]+ ?%))");
  std::smatch found;
  if (!std::regex_match(text, found, form))
    fail_usage(syntax(), fmt::format("--gate: \"{}\" is not like \"limit=below 1 MiB: median <= 15%\"", text));
  return {text, found[1], found[2], found[3], found[4], parse_percentage(syntax(), "--gate", found[5])};
}

std::vector<Gate> gates_of(const po::variables_map& values) {
  std::vector<Gate> gates;
  if (values.count("gate"))
    for (const auto& text : values["gate"].as<std::vector<std::string>>()) gates.push_back(gate_of(text));
  return gates;
}

/// Every quantity of the judged rows in the group, or the one that the gate names.
bool meets(const Gate& gate, const analysis::Validation& validation) {
  auto rows = analysis::judged_rows(validation);
  std::erase_if(rows, [&](const auto* row) {
    const auto label = row->labels.find(gate.label);
    return label == row->labels.end() || label->second != gate.group;
  });
  const auto asked = [&](const auto& quantity) { return gate.quantity.empty() || gate.quantity == quantity.name; };
  bool met = !rows.empty() && std::ranges::any_of(rows.front()->quantities, asked);
  for (std::size_t i = 0; !rows.empty() && i < rows.front()->quantities.size(); ++i) {
    if (!asked(rows.front()->quantities[i])) continue;
    const auto s = analysis::summarize(rows, i);
    const double reached = gate.statistic == "median" ? s.median : gate.statistic == "mean" ? s.mean : s.p95;
    if (s.compared > 0 && reached <= gate.limit) continue;
    met = false;
    const auto told =
        s.compared > 0 ? fmt::format("{:.2f} % over {} rows", 100 * reached, s.compared) : nothing_measured;
    std::cerr << fmt::format("plenum: {}: {}\n", rows.front()->quantities[i].name, told);
  }
  if (!met)
    std::cerr << fmt::format("plenum: gate not met: {}{}\n", gate.written, rows.empty() ? ": no such rows" : "");
  return met;
}

bool meets_median(const analysis::Validation& validation, double limit) {
  const auto judged = analysis::judged_rows(validation);
  const std::size_t quantities = judged.empty() ? 0 : judged.front()->quantities.size();
  bool met = quantities > 0;
  if (!met) std::cerr << "plenum: gate not met: no row is described completely\n";
  for (std::size_t i = 0; i < quantities; ++i) {
    const auto summary = analysis::summarize(judged, i);
    if (summary.compared > 0 && summary.median <= limit) continue;
    met = false;
    const auto told = summary.compared > 0 ? fmt::format("median absolute error {:.2f} % over {} rows",
                                                         100 * summary.median, summary.compared)
                                           : nothing_measured;
    std::cerr << fmt::format("plenum: gate not met: {}: {}, limit {:.2f} %\n", judged.front()->quantities[i].name, told,
                             100 * limit);
  }
  return met;
}

bool meets_gap(const analysis::Validation& validation, double limit) {
  bool met = !validation.rows.empty();
  for (std::size_t i = 0; met && i < validation.rows.front().quantities.size(); ++i) {
    const auto gap = analysis::gap_between_parts(validation, i);
    if (gap && *gap <= limit) continue;
    met = false;
    const auto told = gap ? fmt::format("the checked median exceeds the fitted one by {:.2f} points", 100 * *gap)
                          : std::string("no rows to compare");
    std::cerr << fmt::format("plenum: gate not met: {}: {}, limit {:.2f}\n", validation.rows.front().quantities[i].name,
                             told, 100 * limit);
  }
  return met;
}

/// The percentage of an option, when it is given.
std::optional<double> percentage(const po::variables_map& values, const std::string& option) {
  if (!values.count(option)) return std::nullopt;
  return parse_percentage(syntax(), "--" + option, values[option].as<std::string>());
}

}  // namespace

ExitCode validate(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  const auto& kind = kind_of(values["kind"].as<std::string>(), values["table"].as<std::string>());
  const auto median = percentage(values, "fail-above-median"), gap = percentage(values, "fail-above-gap");
  const auto gates = gates_of(values);
  if (values.count("knee") && kind.name != "serving-online")
    fail_usage(syntax(), fmt::format("--knee: {} has no request rates; serving-online has", kind.name));
  Issues issues;
  const int processes = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Progress progress;
  const auto show = [&progress](std::size_t done, std::size_t of) { progress(done, of); };
  const auto validation = analysis::validate(kind, values["table"].as<std::string>(), processes, show, issues);
  progress.clear();
  tell(issues);
  const auto json = values.count("json") ? values["json"].as<std::string>() : "";
  if (!json.empty()) write_json(json, analysis::to_json(*validation));
  if (json != "-") std::cout << analysis::to_text(*validation);
  if (values.count("picture")) write_whole(values["picture"].as<std::string>(), analysis::picture_of(*validation));
  if (values.count("knee")) write_whole(values["knee"].as<std::string>(), analysis::knee_picture(*validation));
  // Each that is not met is told.
  const bool median_met = !median || meets_median(*validation, *median), gap_met = !gap || meets_gap(*validation, *gap);
  bool met = median_met && gap_met;
  for (const auto& gate : gates) met = meets(gate, *validation) && met;
  return met ? ExitCode::done : ExitCode::gate_not_met;
}

}  // namespace plenum::cli
