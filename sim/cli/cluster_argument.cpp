#include "sim/cli/cluster_argument.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "analysis/preset_cluster.hpp"
#include "sim/cli/command.hpp"
#include "sim/scenario/scenario.hpp"
#include "topologies/import/import.hpp"
#include "topologies/limits.hpp"

namespace plenum::cli {
namespace {

/// A cluster file, or the cluster of a scenario file.
topology::ClusterSpecification cluster_in(const std::string& file) {
  Issues issues;
  const auto document = json::parse_file(file, issues);
  tell(issues);
  const auto* inside = document->find("cluster");
  const std::string pointer = inside != nullptr ? "/cluster" : "";
  auto value = scenario::resolve_cluster(inside != nullptr ? *inside : *document, pointer,
                                         std::filesystem::path(file).parent_path(), issues);
  tell(issues);
  if (auto* members = std::get_if<json::Object>(&value->data))  // the preset is laid under it by now
    std::erase_if(*members,
                  [](const json::Member& member) { return member.key == "preset" || member.key == "import"; });
  topology::ClusterSpecification cluster;
  read_fields(
      *value, pointer, [&](Fields& fields) { describe(fields, cluster); }, issues);
  tell(issues);
  for (const auto& problem : topology::check(cluster))
    issues.error(json::position_of(*value, problem.pointer), pointer + problem.pointer, problem.message);
  tell(issues);
  return cluster;
}

/// A node from NCCL comes as often as the GPUs need it; graphs are as large as they are.
topology::ClusterSpecification imported(const std::string& file, std::int64_t gpus) {
  Issues issues;
  auto cluster = topology::import_cluster(file, issues);
  tell(issues);
  if (cluster->fabric.kind == topology::FabricKind::fat_tree)
    cluster->nodes = std::max<std::int64_t>(1, (gpus + cluster->node.gpus - 1) / cluster->node.gpus);
  for (const auto& problem : topology::check(*cluster)) issues.error({file}, problem.pointer, problem.message);
  tell(issues);
  return *cluster;
}

}  // namespace

topology::ClusterSpecification cluster_argument(const std::string& name, std::int64_t gpus) {
  if (gpus < 0 || gpus > topology::most_gpus) {
    Issues issues;
    issues.error({"--gpus"}, "", fmt::format("{} is out of range; it must be 0 to {}", gpus, topology::most_gpus));
    tell(issues);
  }
  if (topology::import_format(name) != nullptr) return imported(name, gpus);
  if (std::filesystem::exists(name) || name.ends_with(".json")) return cluster_in(name);
  Issues issues;
  const auto preset = analysis::preset_cluster(name, gpus, issues);
  tell(issues);
  for (const auto& problem : topology::check(*preset)) issues.error({name}, problem.pointer, problem.message);
  tell(issues);
  return *preset;
}

}  // namespace plenum::cli
