#include "sim/scenario/resolve.hpp"

#include <fmt/format.h>

#include <optional>

#include "sim/scenario/scenario.hpp"
#include "topologies/import/import.hpp"

namespace plenum::scenario {
namespace {

using json::Value;

/// A base of the wrong kind; the reader says so.
bool unusable(const Value* base) { return base && !base->is_string(); }

Value as_json(workload::Transformer model, const Position& where) {
  return write_fields([&](Fields& fields) { describe(fields, model); }, where);
}

/// Those of `below` that jobs have.
std::vector<std::string> pointers_in_jobs(const Value& scenario, std::initializer_list<const char*> below) {
  std::vector<std::string> pointers;
  const Value* jobs = scenario.find("jobs");
  const auto* array = jobs ? std::get_if<json::Array>(&jobs->data) : nullptr;
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    for (const auto* place : below) {
      std::string pointer = fmt::format("/jobs/{}/{}", i, place);
      if (json::at(scenario, pointer)) pointers.push_back(std::move(pointer));
    }
  }
  return pointers;
}

std::vector<std::string> model_pointers(const Value& scenario) {
  return pointers_in_jobs(scenario, {"training/model", "serving/model", "generation/model", "reinforcement/model",
                                     "reinforcement/critic/model", "reinforcement/reward_model/model"});
}

/// Pointers to what holds the name of an engine and changes of it.
std::vector<std::string> engine_pointers(const Value& scenario) {
  return pointers_in_jobs(scenario, {"serving", "reinforcement/rollout"});
}

Value& writable(Value& scenario, const std::string& pointer) {
  return const_cast<Value&>(*json::at(scenario, pointer));
}

std::optional<Value> from_config(Value config, const std::string& pointer, Issues& issues) {
  if (!workload::looks_like_hugging_face(config)) {
    issues.error(config.where, pointer,
                 "this is no Hugging Face config.json: it has neither \"architectures\" nor \"model_type\" nor "
                 "\"_class_name\"");
    return std::nullopt;
  }
  auto model = workload::from_hugging_face(config, pointer, issues);
  if (!model) return std::nullopt;
  return as_json(std::move(*model), config.where);
}

std::optional<Value> from_config_file(const Value& path, const std::string& pointer,
                                      const std::filesystem::path& folder, Issues& issues) {
  const auto file = folder / std::get<std::string>(path.data);
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) {
    issues.error(path.where, pointer, fmt::format("there is no file \"{}\"", file.string()));
    return std::nullopt;
  }
  Issues found;
  auto config = json::parse_file(file, found);
  for (const auto& issue : found.all()) issues.add(issue);
  if (!config || found.has_errors()) return std::nullopt;
  return from_config(std::move(*config), "", issues);
}

std::optional<Value> from_model_catalogue(const Value& name, const std::string& pointer, Issues& issues) {
  Issues found;
  auto model = workload::find_model(std::get<std::string>(name.data), found);
  for (const auto& issue : found.all()) issues.error(name.where, pointer, issue.message);
  return model ? std::optional(as_json(std::move(*model), name.where)) : std::nullopt;
}

/// A string stays: the reader looks it up. An object loses nothing when it has no base.
std::optional<Value> resolve_model(const Value& written, const std::string& pointer,
                                   const std::filesystem::path& folder, Issues& issues) {
  const Value *preset = written.find("preset"), *config = written.find("config");
  if (preset && config) {
    issues.error(config->where, pointer + "/config", "a model starts from a preset or from a config, not from both");
    return std::nullopt;
  }
  if (unusable(preset) || unusable(config)) return std::nullopt;
  if (preset) {
    auto base = from_model_catalogue(*preset, pointer + "/preset", issues);
    return base ? std::optional(laid_over(std::move(*base), written)) : std::nullopt;
  }
  if (config) {
    auto base = from_config_file(*config, pointer + "/config", folder, issues);
    return base ? std::optional(laid_over(std::move(*base), written)) : std::nullopt;
  }
  return workload::looks_like_hugging_face(written) ? from_config(written, pointer, issues) : written;
}

/// What is changed of an engine, laid over the whole of it; an unknown name is left to whoever reads it.
Value resolve_engine(const Value* name, const Value& settings) {
  Issues unknown;
  const bool named = name && name->is_string();
  auto engine = workload::find_engine(named ? std::get<std::string>(name->data) : ServingJob().engine, unknown);
  if (!engine) return settings;
  return laid_over(write_fields([&](Fields& fields) { describe(fields, *engine); }, settings.where), settings);
}

bool leads_into(const std::string& assignment, const std::string& pointer) {
  return assignment.starts_with(pointer + "/");
}

/// "DGX-H100" as {"preset": "DGX-H100"}.
void spell_out(Value& value) {
  if (!value.is_string()) return;
  const Position where = value.where;
  Value name = std::move(value);
  value = {json::Object{{"preset", where, std::move(name)}}, where};
}

}  // namespace

json::Value laid_over(json::Value base, const json::Value& over) {
  const auto* members = std::get_if<json::Object>(&over.data);
  if (!members || !base.is_object()) return over;
  base.where = over.where;
  for (const auto& member : *members) {
    if (Value* below = base.find(member.key))
      *below = laid_over(std::move(*below), member.value);
    else
      std::get<json::Object>(base.data).push_back(member);
  }
  return base;
}

namespace {

std::optional<Value> from_foreign_file(const Value& path, const std::string& pointer,
                                       const std::filesystem::path& folder, Issues& issues) {
  const auto file = folder / std::get<std::string>(path.data);
  if (topology::import_format(file) == nullptr) {
    issues.error(path.where, pointer, "a name ending in .graphml, .dot, .gv, .edges, .yml, .yaml or .xml is expected");
    return std::nullopt;
  }
  Issues found;
  auto cluster = topology::import_cluster(file, found);
  for (const auto& issue : found.all()) issues.add(issue);
  if (!cluster) return std::nullopt;
  return write_fields([&](Fields& fields) { describe(fields, *cluster); }, path.where);
}

/// What other nodes take of the cluster whose nodes they are.
std::optional<Value> other_nodes_of(const Value& name, const std::string& pointer, Issues& issues) {
  auto cluster = topology::preset(std::get<std::string>(name.data), name.where, pointer, issues);
  if (!cluster) return std::nullopt;
  Value taken{json::Object{}, name.where};
  const auto take = [&](const Value* from, std::initializer_list<const char*> keys) {
    for (const auto* key : keys)
      if (const Value* value = from ? from->find(key) : nullptr)
        std::get<json::Object>(taken.data).push_back({key, name.where, *value});
  };
  take(&*cluster, {"gpu"});
  take(cluster->find("node"), {"gpus", "nics", "nvlink", "nic", "pcie"});
  return taken;
}

/// Lays presets under the nodes that name one; false with issues.
bool resolve_other_nodes(Value& cluster, const std::string& pointer, Issues& issues) {
  Value* nodes = cluster.find("other_nodes");
  auto* list = nodes ? std::get_if<json::Array>(&nodes->data) : nullptr;
  bool good = true;
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    const Value* name = (*list)[i].find("preset");
    if (!name || !name->is_string()) continue;
    auto base = other_nodes_of(*name, fmt::format("{}/other_nodes/{}/preset", pointer, i), issues);
    if (base) (*list)[i] = laid_over(std::move(*base), (*list)[i]);
    good &= base.has_value();
  }
  return good;
}

std::optional<Value> with_base(const Value& written, const std::string& pointer, const std::filesystem::path& folder,
                               Issues& issues) {
  const bool named = written.is_string();
  if (const Value* foreign = written.find("import"); foreign && foreign->is_string()) {
    auto base = from_foreign_file(*foreign, pointer + "/import", folder, issues);
    return base ? std::optional(laid_over(std::move(*base), written)) : std::nullopt;
  }
  const Value* name = named ? &written : written.find("preset");
  if (unusable(name)) return std::nullopt;
  if (!name) return written;
  auto base =
      topology::preset(std::get<std::string>(name->data), name->where, named ? pointer : pointer + "/preset", issues);
  if (!base) return std::nullopt;
  base->where = written.where;
  return named ? std::move(base) : laid_over(std::move(*base), written);
}

}  // namespace

std::optional<json::Value> resolve_cluster(const json::Value& written, const std::string& pointer,
                                           const std::filesystem::path& folder, Issues& issues) {
  auto cluster = with_base(written, pointer, folder, issues);
  return cluster && resolve_other_nodes(*cluster, pointer, issues) ? std::move(cluster) : std::nullopt;
}

std::vector<std::string> resolve_bases(json::Value& scenario, const std::filesystem::path& folder, Issues& issues) {
  std::vector<std::string> unresolved;
  const auto replace = [&](const std::string& pointer, std::optional<Value> resolved) {
    Value& place = writable(scenario, pointer);
    if (resolved) {
      place = std::move(*resolved);
    } else {
      unresolved.push_back(pointer);
      const bool own_members = place.is_object() && !workload::looks_like_hugging_face(place);
      if (!own_members) place.data = json::Object{};
    }
  };
  if (const Value* cluster = scenario.find("cluster"))
    replace("/cluster", resolve_cluster(*cluster, "/cluster", folder, issues));
  for (const auto& pointer : model_pointers(scenario))
    replace(pointer, resolve_model(writable(scenario, pointer), pointer, folder, issues));
  for (const auto& pointer : engine_pointers(scenario))
    if (const Value* settings = json::at(scenario, pointer + "/engine_settings"))
      writable(scenario, pointer + "/engine_settings") =
          resolve_engine(json::at(scenario, pointer + "/engine"), *settings);
  return unresolved;
}

bool assign(json::Value& scenario, const std::string& assignment, Issues& issues) {
  auto pointers = model_pointers(scenario);
  if (scenario.find("cluster")) pointers.push_back("/cluster");
  for (const auto& pointer : pointers)
    if (leads_into(assignment, pointer)) spell_out(writable(scenario, pointer));
  return json::set(scenario, assignment, issues);
}

}  // namespace plenum::scenario
