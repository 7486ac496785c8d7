// `plenum collective`: time of one collective over sizes, as nccl-tests prints it.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "analysis/collective_sweep.hpp"
#include "analysis/preset_cluster.hpp"
#include "sim/cli/command.hpp"
#include "sim/core/units.hpp"
#include "topologies/specification.hpp"

namespace plenum::cli {
namespace {

constexpr std::array operations{workload::CollectiveKind::all_reduce, workload::CollectiveKind::all_gather,
                                workload::CollectiveKind::reduce_scatter};

Syntax syntax() {
  Syntax syntax{
      "plenum collective --cluster FILE|PRESET --gpus N [options]",
      "One collective over the first N GPUs of a cluster on an idle fabric: a cluster file (the \"cluster\" of a\n"
      "scenario), or a preset that `plenum list clusters` shows. SIZE is one size or a range that doubles.",
      "  plenum collective --cluster DGX-H100 --gpus 1024 --op all_reduce --size 1GiB\n"
      "  plenum collective --cluster DGX-H100 --gpus 64 --op all_gather --size 1MiB..1GiB --json points.json\n",
      po::options_description("Options"),
      {}};
  syntax.options.add_options()("cluster", po::value<std::string>()->required()->value_name("FILE|PRESET"),
                               "The cluster")("gpus", po::value<std::int64_t>()->required()->value_name("N"),
                                              "GPUs that take part, at least 2")(
      "op", po::value<std::string>()->default_value("all_reduce")->value_name("NAME"),
      "all_reduce, all_gather or reduce_scatter")(
      "size", po::value<std::string>()->default_value("1MiB..1GiB")->value_name("SIZE"), "\"1GiB\" or \"1MiB..1GiB\"")(
      "fold", po::value<std::string>()->default_value("on")->value_name("on|off"),
      "Simulate one representative of all that is alike")("json", po::value<std::string>()->value_name("FILE"),
                                                          "Write the points; - is stdout, without the table");
  return syntax;
}

workload::CollectiveKind operation_of(const std::string& name) {
  std::vector<std::string> known;
  for (const auto kind : operations) {
    known.emplace_back(workload::collective_names[static_cast<std::size_t>(kind)]);
    if (known.back() == name) return kind;
  }
  fail_usage(syntax(), fmt::format("unknown operation \"{}\"{}", name, suggestion(name, known)));
}

Bytes size_of(const std::string& text) {
  const auto parsed = parse_quantity(text, unit_family<Bytes>());
  if (!parsed.error.empty()) fail_usage(syntax(), "--size: " + parsed.error);
  if (parsed.value < 1) fail_usage(syntax(), "--size must be at least 1 B");
  return Bytes(static_cast<std::int64_t>(parsed.value));
}

std::vector<Bytes> sizes_of(const std::string& text) {
  const auto dots = text.find("..");
  const auto first = size_of(text.substr(0, dots));
  const auto last = dots == std::string::npos ? first : size_of(text.substr(dots + 2));
  std::vector<Bytes> sizes;
  for (auto size = first; size <= last; size = size * 2) sizes.push_back(size);
  if (sizes.empty()) fail_usage(syntax(), "--size: a range goes from the smaller to the larger size");
  return sizes;
}

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

topology::ClusterSpecification cluster_of(const std::string& name, std::int64_t gpus) {
  if (std::filesystem::exists(name) || name.ends_with(".json")) return cluster_in(name);
  Issues issues;
  const auto preset = analysis::preset_cluster(name, gpus, issues);
  tell(issues);
  return *preset;
}

}  // namespace

ExitCode collective(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  analysis::CollectiveSweep sweep;
  sweep.kind = operation_of(values["op"].as<std::string>());
  sweep.gpus = values["gpus"].as<std::int64_t>();
  sweep.fold = parse_switch(syntax(), "--fold", values["fold"].as<std::string>());
  sweep.sizes = sizes_of(values["size"].as<std::string>());
  if (sweep.gpus < 2) fail_usage(syntax(), "--gpus must be at least 2");
  const auto cluster = cluster_of(values["cluster"].as<std::string>(), sweep.gpus);
  if (sweep.gpus > cluster.nodes * cluster.node.gpus)
    fail_usage(syntax(),
               fmt::format("--gpus {} is more than the cluster's {}", sweep.gpus, cluster.nodes * cluster.node.gpus));
  Issues issues;
  const auto points = analysis::run_collectives(cluster, sweep, issues);
  tell(issues);
  const auto json = values.count("json") ? values["json"].as<std::string>() : "";
  if (!json.empty()) write_json(json, analysis::to_json(sweep, points));
  if (json != "-") std::cout << analysis::to_text(sweep, points);
  return ExitCode::done;
}

}  // namespace plenum::cli
