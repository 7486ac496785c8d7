// ASTRA-sim's network file: one entry per dimension in each of topology, npus_count, bandwidth and latency. An NPU is a
// node of one GPU at a switch of its own; dimensions are those of a product.
#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

#include "topologies/import/import.hpp"

namespace plenum::topology {
namespace {

constexpr double astra_gigabyte = 1024.0 * 1024 * 1024;  // bytes (astra-sim, analytical network backend)
constexpr double nanosecond = 1e-9;
constexpr double into_its_switch = 1e3;  ///< an NPU is no bottleneck: its links are those of the dimensions
constexpr std::size_t most_dimensions = 16;
constexpr std::size_t longest_text = std::size_t{1} << 20;  ///< bytes; yaml-cpp takes a microsecond for each

constexpr std::array<std::pair<std::string_view, Dimension>, 3> kinds{
    {{"Ring", Dimension::ring}, {"FullyConnected", Dimension::full}, {"Switch", Dimension::switched}}};

/// Thrown inside this file only.
struct Refusal {
  YAML::Mark where;
  std::string message;
};

YAML::Node list(const YAML::Node& document, const std::string& key) {
  const auto value = document[key];
  if (!value || !value.IsSequence() || value.size() == 0 || value.size() > most_dimensions)
    throw Refusal{value ? value.Mark() : document.Mark(),
                  fmt::format("needs the list \"{}\" with 1 to {} dimensions", key, most_dimensions)};
  return value;
}

YAML::Node entry(const YAML::Node& values, std::size_t i, const std::string& key) {
  if (i >= values.size() || !values[i].IsScalar())
    throw Refusal{values.Mark(), fmt::format("\"{}\" needs an entry for every dimension", key)};
  return values[i];
}

double number(const YAML::Node& value, double low, double high) {
  double read = 0;
  if (!YAML::convert<double>::decode(value, read) || !(read >= low && read <= high))
    throw Refusal{value.Mark(), fmt::format("a number from {:g} to {:g} is expected", low, high)};
  return read;
}

Dimension kind(const YAML::Node& value) {
  for (const auto& [name, dimension] : kinds)
    if (value.Scalar() == name) return dimension;
  throw Refusal{value.Mark(), "a dimension is Ring, FullyConnected or Switch"};
}

std::int64_t size(const YAML::Node& value) {
  const auto read = number(value, 1, 1 << 20);
  if (read != static_cast<double>(static_cast<std::int64_t>(read))) throw Refusal{value.Mark(), "a whole number"};
  return static_cast<std::int64_t>(read);
}

ClusterSpecification cluster_in(const YAML::Node& document) {
  if (!document.IsMap()) throw Refusal{document.Mark(), "no map with topology, npus_count, bandwidth and latency"};
  const auto topology = list(document, "topology"), npus = list(document, "npus_count");
  const auto bandwidth = list(document, "bandwidth"), latency = list(document, "latency");
  ClusterSpecification cluster;
  cluster.node = {.gpus = 1, .nics = 1};
  cluster.fabric.kind = FabricKind::product;
  double all = 0;
  for (std::size_t i = 0; i < topology.size(); ++i) {
    const double rate = number(entry(bandwidth, i, "bandwidth"), 1e-3, 1e5) * astra_gigabyte;
    cluster.fabric.graph.product.push_back({kind(entry(topology, i, "topology")), size(entry(npus, i, "npus_count")),
                                            BytesPerSecond(rate),
                                            Seconds(number(entry(latency, i, "latency"), 0, 1e9) * nanosecond)});
    cluster.nodes *= cluster.fabric.graph.product.back().size;
    if (cluster.nodes > 1 << 20) throw Refusal{npus.Mark(), "more than 1,048,576 NPUs"};
    all = std::max(all, rate);
  }
  cluster.node.nic = cluster.node.pcie = cluster.fabric.link = BytesPerSecond(all * into_its_switch);
  cluster.fabric.link_latency = Seconds(0);
  cluster.fabric.graph.in_nodes = true;
  cluster.fabric.routing = RoutingKind::adaptive;
  return cluster;
}

/// An empty text has a mark before its first line.
Position position(const std::string& name, const YAML::Mark& mark) {
  return {name, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
}

}  // namespace

std::optional<ClusterSpecification> import_astra_sim(std::string_view text, const std::string& name, Issues& issues) {
  if (text.size() > longest_text) {
    issues.error({name, 1, 1}, "",
                 fmt::format("a network file has at most {} bytes, this one {}", longest_text, text.size()));
    return std::nullopt;
  }
  try {
    auto cluster = cluster_in(YAML::Load(std::string(text)));
    cluster.source = name;
    for (const auto& problem : check(cluster)) issues.error({name, 1, 1}, problem.pointer, problem.message);
    return issues.has_errors() ? std::nullopt : std::optional(std::move(cluster));
  } catch (const Refusal& refusal) {
    issues.error(position(name, refusal.where), "", refusal.message);
  } catch (const YAML::DeepRecursion& error) {
    issues.error(position(name, error.mark), "", "lists and maps are nested too deep");
  } catch (const YAML::Exception& error) {
    issues.error(position(name, error.mark), "", fmt::format("no readable YAML: {}", error.msg));
  }
  return std::nullopt;
}

}  // namespace plenum::topology
