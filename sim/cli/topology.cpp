// `plenum topology`: what a fabric consists of, costs and carries.
#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "sim/cli/cluster_argument.hpp"
#include "sim/cli/command.hpp"
#include "sim/core/files.hpp"
#include "topologies/export.hpp"
#include "topologies/materials.hpp"
#include "topologies/metrics.hpp"
#include "topologies/motif.hpp"
#include "topologies/picture.hpp"
#include "topologies/simgrid.hpp"

namespace plenum::cli {
namespace {

using Json = nlohmann::ordered_json;

Syntax syntax() {
  Syntax syntax{
      "plenum topology FILE|PRESET [--gpus N] [options]",
      "Bill of materials, distances, bisection bandwidth, bounds of collectives and the worst single failures of a\n"
      "cluster: a cluster or scenario file, a preset that `plenum list clusters` shows, or what other programs wrote:\n"
      "GraphML, Graphviz (.dot), a JSON edge list (.edges), an ASTRA-sim network (.yml), NCCL's topology (.xml).",
      "  plenum topology DGX-H100-SuperPOD --svg fabric.svg\n"
      "  plenum topology DGX-H100 --gpus 16384 --json -\n",
      po::options_description("Options"),
      {"cluster"}};
  syntax.options.add_options()("cluster", po::value<std::string>()->required(), "")(
      "gpus", po::value<std::int64_t>()->default_value(0)->value_name("N"), "Size of a preset that leaves it open")(
      "json", po::value<std::string>()->value_name("FILE"), "Write the numbers; - is stdout, without the text")(
      "svg", po::value<std::string>()->value_name("FILE"), "Draw the fabric")(
      "dot", po::value<std::string>()->value_name("FILE"), "Write the graph for Graphviz")(
      "graphml", po::value<std::string>()->value_name("FILE"), "Write the graph as GraphML")(
      "edges", po::value<std::string>()->value_name("FILE"), "Write the graph as a JSON edge list")(
      "simgrid", po::value<std::string>()->value_name("FILE"),
      "Write a platform for SimGrid, with the routes between all GPUs; up to 256 of them");
  return syntax;
}

struct Facts {
  const topology::Cluster& cluster;
  const topology::ClusterSpecification& specification;
  topology::FabricMetrics metrics;
  topology::BillOfMaterials bill;
};

std::string_view kind_of(const Facts& facts) {
  const auto kind = facts.specification.fabric.kind;
  return names_of(kind)[static_cast<std::size_t>(kind)];
}

bool priced(const topology::Material& line) { return line.published && !line.in_nodes; }

std::string told(const topology::Material& line, const std::string& amount) {
  return priced(line) ? amount : line.in_nodes ? "in nodes" : "unknown";
}

std::string consequences(const topology::Failure& failure) {
  return (failure.nics > 0 ? fmt::format("; {} NIC{} without a switch", failure.nics, failure.nics == 1 ? "" : "s")
                           : "") +
         (failure.cuts_off ? "; GPUs are cut off" : "");
}

/// Of the bisection; two digits where it is small.
std::string change(const topology::Failure& failure, const topology::FabricMetrics& metrics) {
  if (failure.bisection == metrics.bisection) return "unchanged";
  const double percent = 100 * (failure.bisection / metrics.bisection - 1);
  return std::abs(percent) < 1 ? fmt::format("{:+.2g} %", percent) : fmt::format("{:+.1f} %", percent);
}

Json to_json(const Facts& facts) {
  const auto& m = facts.metrics;
  Json materials = Json::array(), failures = Json::array();
  for (const auto& line : facts.bill.lines)
    materials.push_back({{"what", line.what},
                         {"count", line.count},
                         {"price_dollars", priced(line) ? Json(line.price.value()) : Json()},
                         {"power_watts", priced(line) ? Json(line.power.value()) : Json()}});
  for (const auto& failure : m.failures)
    failures.push_back({{"what", failure.what},
                        {"alike", failure.alike},
                        {"bisection_bytes_per_second", failure.bisection.value()},
                        {"nics_without_switch", failure.nics},
                        {"cuts_off_gpus", failure.cuts_off}});
  return {{"name", facts.specification.name},
          {"fabric", kind_of(facts)},
          {"gpus", facts.cluster.gpus.size()},
          {"nodes", facts.cluster.nodes},
          {"switches", m.switches},
          {"switch_cables", m.switch_cables},
          {"nic_cables", m.nic_cables},
          {"price_dollars", facts.bill.price().value()},
          {"power_watts", facts.bill.power().value()},
          {"price_and_power_complete", facts.bill.complete()},
          {"diameter_switches", m.diameter},
          {"average_distance_switches", m.average_distance},
          {"injection_bytes_per_second", m.injection.value()},
          {"bisection_bytes_per_second", m.bisection.value()},
          {"path_diversity_cables", m.path_diversity},
          {"all_reduce_bus_bound_bytes_per_second", m.one_domain ? Json() : Json(m.all_reduce_bound.value())},
          {"all_to_all_bus_bound_bytes_per_second", m.one_domain ? Json() : Json(m.all_to_all_bound.value())},
          {"articulation_switches", m.articulations},
          {"bill_of_materials", materials},
          {"failures", failures},
          {"failures_not_tried", m.failures_not_tried}};
}

std::string bounds(const topology::FabricMetrics& m) {
  if (m.one_domain) return "bounds      none of the fabric's: all GPUs meet inside one NVLink domain or host\n";
  if (m.all_reduce_bound.value() <= 0) return "bounds      none: nothing connects all GPUs\n";
  return fmt::format("bounds      all-reduce {} bus bandwidth, all-to-all {} per GPU\n", format(m.all_reduce_bound),
                     format(m.all_to_all_bound));
}

std::string to_text(const Facts& facts) {
  const auto& m = facts.metrics;
  auto text = fmt::format("{} {}  {} GPUs in {} nodes\n", facts.specification.name, kind_of(facts),
                          facts.cluster.gpus.size(), facts.cluster.nodes);
  if (const auto shape = topology::shape_in_words(facts.specification); !shape.empty()) text += shape + "\n";
  for (const auto& line : facts.bill.lines)
    text += fmt::format("  {:>8}  {:<52} {:>10}  {:>9}\n", line.count, line.what, told(line, format(line.price)),
                        told(line, format(line.power)));
  text += fmt::format("  {:>8}  {:<52} {:>10}  {:>9}\n", "",
                      facts.bill.complete() ? "fabric" : "fabric, without the unknown", format(facts.bill.price()),
                      format(facts.bill.power()));
  text += fmt::format("distance    {} switches at most, {:.2f} on average\n", m.diameter, m.average_distance);
  text += fmt::format(
      "injection   {}   bisection {} ({:.0f} % of half of it)   {:.0f} disjoint cables between far leaves\n",
      format(m.injection), format(m.bisection), m.injection.value() > 0 ? 200 * (m.bisection / m.injection) : 0,
      m.path_diversity);
  text += bounds(m);
  for (const auto& failure : m.failures)
    text += fmt::format("without     {:<24} bisection {:>10} ({}), {} like it{}\n", failure.what,
                        format(failure.bisection), change(failure, m), failure.alike, consequences(failure));
  if (m.failures_not_tried > 0)
    text += fmt::format("not tried   {} switches and cables, in other surroundings than these\n", m.failures_not_tried);
  text += fmt::format("held together by {} switches\n", m.articulations);
  return text;
}

std::string graph_of(void (*write)(const topology::Cluster&, std::ostream&), const topology::Cluster& cluster) {
  std::ostringstream text;
  write(cluster, text);
  return std::move(text).str();
}

/// All files that were asked for.
std::vector<Output> outputs(const po::variables_map& values, const Facts& facts) {
  std::vector<Output> outputs;
  const auto add = [&](const char* option, const auto& content) {
    if (values.count(option)) outputs.push_back({values[option].as<std::string>(), content()});
  };
  add("svg", [&] { return topology::picture(facts.cluster, facts.specification); });
  add("dot", [&] { return graph_of(topology::write_dot, facts.cluster); });
  add("graphml", [&] { return graph_of(topology::write_graphml, facts.cluster); });
  add("edges", [&] { return graph_of(topology::write_edge_list, facts.cluster); });
  add("simgrid", [&] {
    std::ostringstream text;
    topology::write_simgrid(facts.cluster, *topology::make_network(facts.cluster, facts.specification), text);
    return std::move(text).str();
  });
  return outputs;
}

/// Every GPU reaches every other one, and their pairs are not too many to be listed.
void check_simgrid(const topology::Cluster& cluster) {
  Issues issues;
  std::vector<std::uint32_t> gpus(cluster.gpus.size());
  std::iota(gpus.begin(), gpus.end(), 0u);
  if (gpus.size() > topology::most_simgrid_hosts)
    issues.error({}, "/nodes",
                 fmt::format("--simgrid lists the route of every pair, for at most {} GPUs; these are {}",
                             topology::most_simgrid_hosts, gpus.size()));
  else if (!topology::connected(cluster, gpus))
    issues.error({}, "/fabric", "--simgrid needs a way between all GPUs; the fabric does not connect them");
  tell(issues);
}

/// Clusters come in whole nodes, and files and fabrics that state their size keep it.
void tell_size(const topology::Cluster& cluster, const topology::ClusterSpecification& specification,
               std::int64_t wanted) {
  const auto built = static_cast<std::int64_t>(cluster.gpus.size()), per_node = cluster.gpus_per_node;
  if (wanted == 0 || built == wanted) return;
  const bool rounded = built > wanted && built - wanted < per_node;
  std::cerr << fmt::format("plenum: {} {}, {} GPUs; --gpus {} {}\n", specification.name,
                           rounded ? fmt::format("has nodes of {}", per_node) : "states its size", built, wanted,
                           rounded ? "ends within a node" : "does not change it");
}

}  // namespace

ExitCode topology(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  check_output_names(syntax(), values, {"json", "svg", "dot", "graphml", "edges", "simgrid"},
                     {values["cluster"].as<std::string>()});
  const auto specification = cluster_argument(values["cluster"].as<std::string>(), values["gpus"].as<std::int64_t>());
  const auto cluster = topology::build(specification);
  tell_size(cluster, specification, values["gpus"].as<std::int64_t>());
  if (values.count("simgrid")) check_simgrid(cluster);
  const Facts facts{cluster, specification, topology::analyze(cluster, specification),
                    topology::bill_of_materials(cluster, specification)};
  const auto json = values.count("json") ? values["json"].as<std::string>() : "";
  auto files = outputs(values, facts);
  if (!json.empty() && json != "-") files.push_back({json, text_of(to_json(facts))});
  write_whole(files);
  if (json == "-") std::cout << text_of(to_json(facts));
  if (json != "-") std::cout << to_text(facts);
  return ExitCode::done;
}

}  // namespace plenum::cli
