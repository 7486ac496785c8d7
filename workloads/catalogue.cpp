// Committed models: one JSON table, read when first asked for.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sim/core/files.hpp"
#include "workloads/model.hpp"

namespace plenum::workload {
namespace {

struct Entry {
  Transformer model;
  std::vector<std::string> aliases;
  std::string source;
};

void describe(Fields& fields, Entry& entry) {
  workload::describe(fields, entry.model);
  fields.optional("aliases", entry.aliases, "Other names of the model");
  fields.required("source", entry.source, "Where its sizes were published");
}

struct Catalogue {
  std::vector<Entry> models;
};

void describe(Fields& fields, Catalogue& catalogue) { fields.required("models", catalogue.models, "All models"); }

Catalogue read_catalogue(Issues& issues) {
  Catalogue catalogue;
  const auto file = json::parse_file(data_root() / "workloads/catalogue/models.json", issues);
  if (file)
    read_fields(
        *file, "", [&](Fields& fields) { describe(fields, catalogue); }, issues);
  return catalogue;
}

/// Read once: scenarios have many jobs.
const Catalogue& catalogue(Issues& issues) {
  static Issues found;
  static const Catalogue read = read_catalogue(found);
  for (const auto& issue : found.all()) issues.add(issue);
  return read;
}

/// "LLAMA3.1-405B" and "Llama 3.1 405b" are one name; points tell 1.3B from 13B.
std::string essence(std::string_view name, bool with_points) {
  std::string kept;
  for (const unsigned char c : name)
    if (std::isalnum(c) || (with_points && c == '.')) kept += static_cast<char>(std::tolower(c));
  return kept;
}

bool is_called(const Entry& entry, const std::string& name, bool with_points) {
  const auto same = [&, wanted = essence(name, with_points)](const std::string& other) {
    return essence(other, with_points) == wanted;
  };
  return same(entry.model.name) || std::ranges::any_of(entry.aliases, same);
}

/// The only entry of that name, or nothing.
const Entry* find_entry(const Catalogue& catalogue, const std::string& name, bool with_points) {
  const Entry* found = nullptr;
  for (const Entry& entry : catalogue.models) {
    if (!is_called(entry, name, with_points)) continue;
    if (found) return nullptr;
    found = &entry;
  }
  return found;
}

std::vector<std::string> names_and_aliases(const Catalogue& catalogue) {
  std::vector<std::string> names;
  for (const Entry& entry : catalogue.models) {
    names.push_back(entry.model.name);
    names.insert(names.end(), entry.aliases.begin(), entry.aliases.end());
  }
  return names;
}

std::vector<std::string> names_in(const Catalogue& catalogue) {
  std::vector<std::string> names;
  for (const Entry& entry : catalogue.models) names.push_back(entry.model.name);
  return names;
}

}  // namespace

std::vector<std::string> model_names() {
  Issues issues;
  return names_in(catalogue(issues));
}

std::optional<Transformer> find_model(const std::string& name, Issues& issues) {
  const Catalogue& models = catalogue(issues);
  const Entry* found = find_entry(models, name, true);
  if (!found) found = find_entry(models, name, false);
  if (!found) {
    issues.error(
        {}, "",
        fmt::format("unknown model \"{}\"{} (plenum list models)", name, suggestion(name, names_and_aliases(models))));
    return std::nullopt;
  }
  Transformer model = found->model;
  model.fill_defaults();
  return model;
}

}  // namespace plenum::workload
