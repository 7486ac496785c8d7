#include "topologies/import/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "topologies/import/number.hpp"
#include "topologies/limits.hpp"

namespace plenum::topology {
namespace {

enum class Part : std::uint8_t { gpu, nvswitch, host, nic, fabric };

/// "gpu 12": what it is, and its number there.
std::pair<Part, std::int64_t> part_of(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, Part>, 4> parts{
      {{"gpu ", Part::gpu}, {"nvswitch ", Part::nvswitch}, {"host ", Part::host}, {"nic ", Part::nic}}};
  for (const auto& [prefix, part] : parts) {
    if (!name.starts_with(prefix)) continue;
    if (const auto number = number_in<std::int64_t>(std::string_view(name).substr(prefix.size())))
      return {part, *number};
  }
  return {Part::fabric, 0};
}

/// Parallel cables as one, whatever their direction.
struct Bundle {
  ImportedGraph::Cable cable;
  std::int64_t there = 0, back = 0;
  std::int64_t count(bool both_ways) const { return both_ways ? std::max(there, back) : there + back; }
};

class Reader {
 public:
  Reader(const ImportedGraph& graph, Issues& issues) : graph_(graph), issues_(issues) {
    for (const auto& name : graph.vertices) parts_.push_back(part_of(name));
    neighbours_.resize(graph.vertices.size());
    for (const auto& cable : graph.cables) add(cable);
  }

  std::optional<ClusterSpecification> cluster() {
    if (graph_.vertices.empty()) return refuse("a graph without vertices");
    const bool has_gpus = std::ranges::count(parts_, Part::gpu, &std::pair<Part, std::int64_t>::first) > 0;
    if (!(has_gpus ? add_nodes() : node_per_switch())) return std::nullopt;
    number_switches();
    add_links();
    cluster_.source = graph_.where.file;
    return std::move(cluster_);
  }

 private:
  using Vertex = std::size_t;

  static bool in(double value, const Range& range) { return value >= range.low && value <= range.high; }

  std::optional<ClusterSpecification> refuse(std::string why) {
    issues_.error(graph_.where, "", std::move(why));
    return std::nullopt;
  }

  void add(const ImportedGraph::Cable& cable) {
    if (cable.from == cable.to)
      return issues_.error(cable.where, "", fmt::format("a cable from \"{}\" to itself", graph_.vertices[cable.from]));
    if (!in(cable.bandwidth.value(), link_rate) || !in(cable.latency.value(), latency))
      return issues_.error(
          cable.where, "",
          fmt::format("a cable of {:g} bytes per second and {:g} seconds; these are 0 (not stated) to {:g} "
                      "and 0 to {:g}",
                      cable.bandwidth.value(), cable.latency.value(), link_rate.high, latency.high));
    const auto [a, b] = std::minmax(cable.from, cable.to);
    const auto [place, added] = bundles_.try_emplace({a, b}, Bundle{cable, 0, 0});
    (cable.from == a ? place->second.there : place->second.back) += cable.count;
    if (added) neighbours_[a].push_back(b), neighbours_[b].push_back(a);
  }

  const Bundle& between(Vertex a, Vertex b) const { return bundles_.at({std::min(a, b), std::max(a, b)}); }

  std::vector<Vertex> beside(Vertex vertex, Part part) const {
    std::vector<Vertex> found;
    for (const auto next : neighbours_[vertex])
      if (parts_[next].first == part) found.push_back(next);
    std::ranges::sort(found, {}, [&](Vertex v) { return parts_[v].second; });
    return found;
  }

  /// NVLink domains; without them hosts, then what stands behind one NIC.
  std::vector<std::vector<Vertex>> gpus_by_node() const {
    std::vector<std::vector<Vertex>> nodes;
    for (const auto part : {Part::nvswitch, Part::host, Part::nic}) {
      for (Vertex v = 0; v < parts_.size(); ++v)
        if (parts_[v].first == part) nodes.push_back(beside(v, Part::gpu));
      if (!nodes.empty()) break;
    }
    std::erase_if(nodes, [](const auto& gpus) { return gpus.empty(); });
    std::ranges::sort(nodes, {}, [&](const auto& gpus) { return parts_[gpus.front()].second; });
    return nodes;
  }

  bool add_nodes() {
    const auto nodes = gpus_by_node();
    if (nodes.empty()) return refuse("GPUs without a \"nic\", a \"host\" or an \"nvswitch\" beside them"), false;
    cluster_.nodes = static_cast<std::int64_t>(nodes.size());
    cluster_.node.gpus = static_cast<std::int64_t>(nodes.front().size());
    for (const auto& gpus : nodes)
      if (!add_node(gpus)) return false;
    const bool one = cluster_.nodes == 1 && nic_ports_.empty();
    cluster_.fabric.kind = one ? FabricKind::none : FabricKind::custom;
    if (one) cluster_.node.nics = 0;
    return true;
  }

  bool add_node(const std::vector<Vertex>& gpus) {
    std::vector<Vertex> nics;
    for (const auto gpu : gpus) {
      for (const auto nic : beside(gpu, Part::nic)) {
        if (std::ranges::find(nics, nic) == nics.end()) nics.push_back(nic);
        cluster_.node.pcie = rate_between(gpu, nic, cluster_.node.pcie);
      }
      for (const auto domain : beside(gpu, Part::nvswitch))
        cluster_.node.nvlink = rate_between(gpu, domain, cluster_.node.nvlink);
      if (!add_host(gpus, gpu)) return false;
    }
    const auto count = static_cast<std::int64_t>(nics.size());
    if (first_node_) cluster_.node.nics = count;
    first_node_ = false;
    if (static_cast<std::int64_t>(gpus.size()) != cluster_.node.gpus || count != cluster_.node.nics)
      return refuse(fmt::format("nodes differ: {} GPUs and {} NICs beside \"{}\", {} and {} in the first node",
                                gpus.size(), count, graph_.vertices[gpus.front()], cluster_.node.gpus,
                                cluster_.node.nics)),
             false;
    return std::ranges::all_of(nics, [&](Vertex nic) { return add_nic(nic); });
  }

  /// What joins a GPU to the others where that is no NVSwitch: the host, and a bridge to its neighbour.
  bool add_host(const std::vector<Vertex>& gpus, Vertex gpu) {
    const bool meets_in_switch =
        !beside(gpu, Part::nvswitch).empty();  // a host beside it carries none of their traffic
    for (const auto host : meets_in_switch ? std::vector<Vertex>{} : beside(gpu, Part::host)) {
      cluster_.node.pcie = rate_between(gpu, host, cluster_.node.pcie);
      if (cluster_.node.interconnect == Interconnect::nvswitch) cluster_.node.interconnect = Interconnect::pcie;
    }
    for (const auto other : beside(gpu, Part::gpu)) {
      const auto place = [&](Vertex v) { return std::ranges::find(gpus, v) - gpus.begin(); };
      if (cluster_.node.interconnect == Interconnect::nvswitch || (place(gpu) ^ 1) != place(other))
        return refuse(fmt::format("a cable between \"{}\" and \"{}\"; GPUs meet in an \"nvswitch\" or a \"host\", in "
                                  "which bridges may join the first GPU to the second, the third to the fourth ...",
                                  graph_.vertices[gpu], graph_.vertices[other])),
               false;
      cluster_.node.interconnect = Interconnect::bridged_pairs;
      cluster_.node.nvlink = rate_between(gpu, other, cluster_.node.nvlink);
    }
    return true;
  }

  bool add_nic(Vertex nic) {
    const auto ports = beside(nic, Part::fabric);
    if (ports.empty() || (!nic_ports_.empty() && ports.size() != nic_ports_.front().size()))
      return refuse(fmt::format("\"{}\" has {} switches beside it; every NIC needs as many as the others, at least one",
                                graph_.vertices[nic], ports.size())),
             false;
    cluster_.node.nic =
        rate_between(nic, ports.front(), cluster_.node.nic / double(ports.size())) * double(ports.size());
    nic_ports_.push_back(ports);
    return true;
  }

  BytesPerSecond rate_between(Vertex a, Vertex b, BytesPerSecond otherwise) const {
    const auto rate = between(a, b).cable.bandwidth;
    return rate.value() > 0 ? rate : otherwise;
  }

  bool node_per_switch() {
    for (Vertex v = 0; v < parts_.size(); ++v) nic_ports_.push_back({v});
    cluster_.nodes = static_cast<std::int64_t>(parts_.size());
    cluster_.node.gpus = cluster_.node.nics = 1;
    cluster_.fabric.kind = FabricKind::custom;
    return true;
  }

  /// In the order of the file.
  void number_switches() {
    auto& graph = cluster_.fabric.graph;
    for (Vertex v = 0; v < parts_.size(); ++v)
      if (parts_[v].first == Part::fabric || nic_ports_.size() == parts_.size()) switch_number_[v] = graph.switches++;
    for (const auto& ports : nic_ports_)
      for (const auto port : ports) graph.nic_switches.push_back(switch_number_.at(port));
  }

  void add_links() {
    BytesPerSecond fastest = cluster_.node.nic;
    for (const auto& [ends, bundle] : bundles_) {
      const auto a = switch_number_.find(ends.first), b = switch_number_.find(ends.second);
      if (a == switch_number_.end() || b == switch_number_.end()) continue;
      cluster_.fabric.graph.links.push_back(
          {a->second, b->second, bundle.count(graph_.both_ways), bundle.cable.bandwidth, bundle.cable.latency});
      fastest = std::max(fastest, bundle.cable.bandwidth);
    }
    cluster_.fabric.link = fastest;
  }

  const ImportedGraph& graph_;
  Issues& issues_;
  std::vector<std::pair<Part, std::int64_t>> parts_;
  std::map<std::pair<Vertex, Vertex>, Bundle> bundles_;
  std::vector<std::vector<Vertex>> neighbours_;
  std::vector<std::vector<Vertex>> nic_ports_;  ///< by NIC, node by node
  std::map<Vertex, std::int64_t> switch_number_;
  ClusterSpecification cluster_;
  bool first_node_ = true;
};

}  // namespace

std::optional<ClusterSpecification> cluster_of(const ImportedGraph& graph, Issues& issues) {
  auto cluster = Reader(graph, issues).cluster();
  if (!cluster || issues.has_errors()) return std::nullopt;
  for (const auto& problem : check(*cluster)) issues.error(graph.where, problem.pointer, problem.message);
  return issues.has_errors() ? std::nullopt : std::move(cluster);
}

}  // namespace plenum::topology
