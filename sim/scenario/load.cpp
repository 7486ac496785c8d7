#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sim/core/files.hpp"
#include "sim/core/random.hpp"
#include "sim/scenario/resolve.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::scenario {
namespace {

namespace fs = std::filesystem;
const fs::path catalogue = "sim/scenario/catalogue";

/// The file that `name` means: a path, or a committed scenario.
std::optional<fs::path> file_of(const std::string& name, Issues& issues) {
  std::error_code ignored;
  const bool path = name.find('/') != name.npos || name.ends_with(".json") || fs::exists(name, ignored);
  if (path) return name;
  const auto names = scenario_names();
  if (std::ranges::find(names, name) != names.end()) return data_root() / catalogue / (name + ".json");
  issues.error({}, "",
               fmt::format("unknown scenario \"{}\"{} (a file, or one of plenum list scenarios)", name,
                           suggestion(name, names)));
  return std::nullopt;
}

/// An object that could not be resolved is empty now, a number that is too large is zero; what they lack is no second
/// complaint.
void add_news(const Issues& found, const std::vector<std::string>& unresolved, Issues& issues) {
  const auto told = issues.all();
  const auto stands_there = [](const Issue& earlier, const Issue& later) {
    return std::tie(earlier.where.file, earlier.where.line, earlier.where.column) ==
           std::tie(later.where.file, later.where.line, later.where.column);
  };
  for (const auto& issue : found.all())
    if (std::ranges::find(unresolved, issue.pointer) == unresolved.end() &&
        std::ranges::none_of(told, [&](const Issue& earlier) { return stands_there(earlier, issue); }))
      issues.add(issue);
}

std::string digest_of(Scenario scenario) {
  scenario.schema.clear();
  scenario.source.clear();
  const auto content = write_fields([&](Fields& fields) { describe(fields, scenario); }, {});
  return fmt::format("{:016x}", hash_of(json::canonical(content)));
}

std::vector<std::string> pointers_of_errors(const Issues& issues) {
  std::vector<std::string> pointers;
  for (const auto& issue : issues.all())
    if (issue.severity == Severity::error) pointers.push_back(issue.pointer);
  return pointers;
}

void read(json::Value& source, const fs::path& folder, Scenario& scenario, Issues& issues) {
  if (!source.is_object())
    return read_fields(
        source, "", [](Fields&) {}, issues);
  const auto unresolved = resolve_bases(source, folder, issues);
  Issues found;
  read_fields(
      source, "", [&](Fields& fields) { describe(fields, scenario); }, found);
  add_news(found, unresolved, issues);
}

}  // namespace

std::vector<std::string> scenario_names() { return catalogue_names(catalogue); }

std::optional<Loaded> load(const std::string& name, const std::vector<std::string>& assignments, Issues& issues) {
  const auto file = file_of(name, issues);
  const auto text = file ? read_whole(*file, issues, json::largest_file) : std::nullopt;
  return text ? load_text(*text, file->string(), assignments, issues) : std::nullopt;
}

std::optional<Loaded> load_text(std::string_view text, const std::string& name,
                                const std::vector<std::string>& assignments, Issues& issues) {
  const fs::path file = name;
  Issues found;
  Loaded loaded;
  auto source = json::parse(text, name, found);
  if (source) {
    for (const auto& assignment : assignments) assign(*source, assignment, found);
    read(*source, file.parent_path(), loaded.scenario, found);
    if (loaded.scenario.name.empty()) loaded.scenario.name = file.stem().string();
  }
  issues.add_in_order(found);
  if (!source || !source->is_object()) return std::nullopt;
  loaded.source = std::move(*source);
  loaded.faulty = pointers_of_errors(found);
  if (loaded.faulty.empty()) loaded.digest = digest_of(loaded.scenario);
  return loaded;
}

}  // namespace plenum::scenario
