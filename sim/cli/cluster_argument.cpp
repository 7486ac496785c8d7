#include "sim/cli/cluster_argument.hpp"

#include <filesystem>

#include "analysis/preset_cluster.hpp"
#include "sim/cli/command.hpp"

namespace plenum::cli {
namespace {

/// A cluster file, or the cluster of a scenario file.
topology::ClusterSpecification cluster_in(const std::string& file) {
  Issues issues;
  const auto document = json::parse_file(file, issues);
  tell(issues);
  topology::ClusterSpecification cluster;
  const auto* inside = document->find("cluster");
  const auto& value = inside != nullptr ? *inside : *document;
  read_fields(
      value, "", [&](Fields& fields) { describe(fields, cluster); }, issues);
  tell(issues);
  for (const auto& problem : topology::check(cluster)) issues.error(value.where, problem.pointer, problem.message);
  tell(issues);
  return cluster;
}

}  // namespace

topology::ClusterSpecification cluster_argument(const std::string& name, std::int64_t gpus) {
  if (std::filesystem::exists(name) || name.ends_with(".json")) return cluster_in(name);
  Issues issues;
  const auto preset = analysis::preset_cluster(name, gpus, issues);
  tell(issues);
  for (const auto& problem : topology::check(*preset)) issues.error({name}, problem.pointer, problem.message);
  tell(issues);
  return *preset;
}

}  // namespace plenum::cli
