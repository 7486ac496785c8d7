#include "sim/scenario/imported_scenario.hpp"

#include <nlohmann/json.hpp>

namespace plenum::scenario {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json written(T value) {
  return Json::parse(json::canonical(write_fields([&](Fields& fields) { describe(fields, value); }, {})));
}

/// Members that differ from those of a default value; objects are kept whole.
template <class T>
Json sparse(const T& value) {
  const Json all = written(value), defaults = written(T{});
  Json kept = Json::object();
  for (const auto& [key, member] : all.items())
    if (!defaults.contains(key) || defaults[key] != member) kept[key] = member;
  return kept;
}

Json on_cluster(const std::string& cluster, std::int64_t nodes, Json job) {
  return {{"cluster", {{"preset", cluster}, {"nodes", nodes}}}, {"jobs", Json::array({std::move(job)})}};
}

}  // namespace

Json scenario_of(const workload::ImportedJob& job, const std::string& cluster, std::int64_t nodes) {
  const Json model = job.model ? sparse(*job.model) : Json(job.model_name);
  return on_cluster(cluster, nodes, {{"training", {{"model", model}, {"plan", sparse(job.plan)}}}});
}

Json scenario_of(const TraceJob& job, const std::string& cluster, std::int64_t nodes) {
  return on_cluster(cluster, nodes, {{"trace", sparse(job)}});
}

}  // namespace plenum::scenario
