#include "topologies/import/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "topologies/import/number.hpp"
#include "topologies/limits.hpp"
#include "topologies/node.hpp"

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
    cluster_.node.nvswitch_chips = 0;  // a graph has one vertex for all of them
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
    const auto& first = place->second.cable;
    if (first.from == cable.from && first.bandwidth != cable.bandwidth)
      issues_.error(
          cable.where, "",
          fmt::format("a cable of {} between \"{}\" and \"{}\", another one of {}; cables side by side must be "
                      "alike",
                      format(cable.bandwidth), graph_.vertices[a], graph_.vertices[b], format(first.bandwidth)));
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

  /// Of each GPU, where nodes are told by one kind of vertex.
  bool stand_in_one_node(const std::vector<std::vector<Vertex>>& nodes) {
    std::vector<int> nodes_of(parts_.size());
    for (const auto& gpus : nodes)
      for (const auto gpu : gpus) ++nodes_of[gpu];
    for (Vertex v = 0; v < parts_.size(); ++v)
      if (parts_[v].first == Part::gpu && nodes_of[v] != 1)
        return refuse(fmt::format(
                   "\"{}\" stands in {} nodes; nodes are what meets in an \"nvswitch\", where there is none "
                   "in a \"host\", else behind a \"nic\", and every GPU stands in one",
                   graph_.vertices[v], nodes_of[v])),
               false;
    return true;
  }

  bool add_nodes() {
    const auto nodes = gpus_by_node();
    if (nodes.empty()) return refuse("GPUs without a \"nic\", a \"host\" or an \"nvswitch\" beside them"), false;
    if (!stand_in_one_node(nodes)) return false;
    cluster_.nodes = static_cast<std::int64_t>(nodes.size());
    cluster_.node.gpus = static_cast<std::int64_t>(nodes.front().size());
    for (const auto& gpus : nodes)
      if (!add_node(gpus)) return false;
    const bool one = cluster_.nodes == 1 && nic_ports_.empty();
    cluster_.fabric.kind = one ? FabricKind::none : FabricKind::custom;
    if (one) cluster_.node.nics = 0;
    return true;
  }

  /// Of one node; zero: not stated.
  struct Rates {
    BytesPerSecond nvlink{}, nic{}, pcie{};
    Interconnect interconnect = Interconnect::nvswitch;
    bool operator==(const Rates&) const = default;
  };

  bool add_node(const std::vector<Vertex>& gpus) {
    Rates rates;
    std::vector<Vertex> nics;
    for (const auto gpu : gpus) {
      for (const auto nic : beside(gpu, Part::nic)) {
        if (std::ranges::find(nics, nic) == nics.end()) nics.push_back(nic);
        if (!take(rates.pcie, gpu, nic)) return false;
      }
      for (const auto domain : beside(gpu, Part::nvswitch))
        if (!take(rates.nvlink, gpu, domain)) return false;
      if (!add_host(gpus, gpu, rates)) return false;
    }
    const auto count = static_cast<std::int64_t>(nics.size());
    if (nodes_read_ == 0) cluster_.node.nics = count;
    if (static_cast<std::int64_t>(gpus.size()) != cluster_.node.gpus || count != cluster_.node.nics)
      return refuse(fmt::format("nodes differ: {} GPUs and {} NICs beside \"{}\", {} and {} in the first node",
                                gpus.size(), count, graph_.vertices[gpus.front()], cluster_.node.gpus,
                                cluster_.node.nics)),
             false;
    return std::ranges::all_of(nics, [&](Vertex nic) { return add_nic(nic, rates); }) && keep(rates, gpus.front());
  }

  /// The first node is the cluster's; nodes at other rates are its other nodes.
  bool keep(const Rates& rates, Vertex gpu) {
    const auto node = nodes_read_++;
    if (node == 0) {
      first_ = rates;
      const auto state = [](BytesPerSecond& of_node, BytesPerSecond rate) {
        of_node = rate.value() > 0 ? rate : of_node;
      };
      state(cluster_.node.nvlink, rates.nvlink);
      state(cluster_.node.nic, rates.nic);
      state(cluster_.node.pcie, rates.pcie);
      cluster_.node.interconnect = rates.interconnect;
      return true;
    }
    if (rates.interconnect != first_.interconnect)
      return refuse(
                 fmt::format("nodes differ: the GPUs beside \"{}\" meet in another way (an \"nvswitch\", a \"host\", "
                             "bridges) than those of the first node",
                             graph_.vertices[gpu])),
             false;
    if (rates == first_) return true;
    auto& others = cluster_.other_nodes;
    const bool goes_on = !others.empty() && others.back().first + others.back().count == node && rates == last_;
    if (goes_on) {
      ++others.back().count;
    } else {
      auto& other = others.emplace_back();
      other.first = node;
      other.nvlink = rates.nvlink;
      other.nic = rates.nic;
      other.pcie = rates.pcie;
    }
    last_ = rates;
    return true;
  }

  /// Links of one kind are alike within a node.
  bool take(BytesPerSecond& rate, Vertex a, Vertex b) {
    const auto& bundle = between(a, b);
    const auto joined = bundle.cable.bandwidth * static_cast<double>(bundle.count(graph_.both_ways));
    if (joined.value() == 0) return true;
    if (rate.value() == 0) rate = joined;
    if (rate == joined) return true;
    issues_.error(
        bundle.cable.where, "",
        fmt::format("\"{}\" and \"{}\" are joined at {}, others of their kind in the same node at {}; they must "
                    "be alike",
                    graph_.vertices[a], graph_.vertices[b], format(joined), format(rate)));
    return false;
  }

  /// What joins a GPU to the others where that is no NVSwitch: the host, and a bridge to its neighbour.
  bool add_host(const std::vector<Vertex>& gpus, Vertex gpu, Rates& rates) {
    const bool meets_in_switch =
        !beside(gpu, Part::nvswitch).empty();  // a host beside it carries none of their traffic
    for (const auto host : meets_in_switch ? std::vector<Vertex>{} : beside(gpu, Part::host)) {
      if (!take(rates.pcie, gpu, host)) return false;
      if (rates.interconnect == Interconnect::nvswitch) rates.interconnect = Interconnect::pcie;
    }
    for (const auto other : beside(gpu, Part::gpu)) {
      const auto place = [&](Vertex v) { return std::ranges::find(gpus, v) - gpus.begin(); };
      if (rates.interconnect == Interconnect::nvswitch || (place(gpu) ^ 1) != place(other))
        return refuse(fmt::format("a cable between \"{}\" and \"{}\"; GPUs meet in an \"nvswitch\" or a \"host\", in "
                                  "which bridges may join the first GPU to the second, the third to the fourth ...",
                                  graph_.vertices[gpu], graph_.vertices[other])),
               false;
      rates.interconnect = Interconnect::bridged_pairs;
      if (!take(rates.nvlink, gpu, other)) return false;
    }
    return true;
  }

  bool add_nic(Vertex nic, Rates& rates) {
    const auto ports = beside(nic, Part::fabric);
    if (ports.empty() || (!nic_ports_.empty() && ports.size() != nic_ports_.front().size()))
      return refuse(fmt::format("\"{}\" has {} switches beside it; every NIC needs as many as the others, at least one",
                                graph_.vertices[nic], ports.size())),
             false;
    auto port = rates.nic / static_cast<double>(ports.size());
    for (const auto to : ports)
      if (!take(port, nic, to)) return false;
    rates.nic = port * static_cast<double>(ports.size());
    nic_ports_.push_back(ports);
    return true;
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
    BytesPerSecond fastest = fastest_nic(cluster_);
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
  std::int64_t nodes_read_ = 0;
  Rates first_, last_;  ///< of the first node, of the last one
};

}  // namespace

std::optional<ClusterSpecification> cluster_of(const ImportedGraph& graph, Issues& issues) {
  auto cluster = Reader(graph, issues).cluster();
  if (!cluster || issues.has_errors()) return std::nullopt;
  for (const auto& problem : check(*cluster)) issues.error(graph.where, problem.pointer, problem.message);
  return issues.has_errors() ? std::nullopt : std::move(cluster);
}

}  // namespace plenum::topology
