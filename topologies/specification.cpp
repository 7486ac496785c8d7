#include "topologies/specification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "topologies/fat_tree_shape.hpp"
#include "topologies/limits.hpp"
#include "topologies/node.hpp"
#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

bool in(std::int64_t value, std::int64_t low, std::int64_t high) { return low <= value && value <= high; }

bool product_in_range(const ProductDimension& d) {
  return in(d.size, 1, most_switches) && d.bandwidth.value() >= 0 && d.bandwidth.value() <= link_rate.high &&
         d.latency.value() >= 0 && d.latency.value() <= latency.high;
}

bool link_in_range(const CustomCable& c) {
  return in(c.from, 0, most_switches) && in(c.to, 0, most_switches) && in(c.count, 1, most_ports) &&
         c.bandwidth.value() >= 0 && c.bandwidth.value() <= link_rate.high && c.latency.value() >= 0 &&
         c.latency.value() <= latency.high;
}

bool graph_in_range(const SwitchGraphSpecification& g) {
  return std::ranges::all_of(g.product, product_in_range) && g.product.size() <= 16 &&
         in(g.switches, 0, most_switches) && std::ranges::all_of(g.links, link_in_range) &&
         std::ranges::all_of(g.dimensions, [](auto d) { return in(d, 1, most_nodes); }) && g.dimensions.size() <= 16 &&
         in(g.nodes_per_switch, 1, most_nodes) && in(g.cables, 1, most_ports) && in(g.groups, 0, most_ports) &&
         in(g.switches_per_group, 0, most_ports) && in(g.global_cables, 1, most_ports) && in(g.planes, 1, 64) &&
         in(g.spines, 0, most_ports) && g.cube.size() <= 16 &&
         std::ranges::all_of(g.cube, [](auto d) { return in(d, 1, most_nodes); });
}

/// What the rest of check() and the generators divide by and multiply.
bool fields_in_range(const ClusterSpecification& c) {
  const NodeSpecification& n = c.node;
  const FatTreeSpecification& f = c.fabric;
  const auto ratio = [](double r) { return r >= 1 / most_oversubscription && r <= most_oversubscription; };
  const auto rate = [](BytesPerSecond b) { return b.value() >= bandwidth.low && b.value() <= bandwidth.high; };
  return in(c.nodes, 1, most_nodes) && in(n.gpus, 1, most_per_node) && in(n.nics, 0, most_per_node) &&
         in(n.nvlink_domain_nodes, 1, most_nodes) && in(f.levels, 0, 3) && in(f.switch_ports, 1, most_ports) &&
         in(f.spine_ports, 0, most_ports) && in(f.core_ports, 0, most_ports) &&
         in(f.nodes_per_leaf_group, 0, most_nodes) && in(f.leaf_groups_per_pod, 0, most_nodes) &&
         in(f.spines_per_pod, 0, most_nodes) && in(f.cores, 0, most_nodes) && ratio(f.leaf_oversubscription) &&
         graph_in_range(f.graph) && ratio(f.spine_oversubscription) && rate(n.nvlink) && rate(n.nic) && rate(n.pcie) &&
         rate(f.link);
}

void check_domains(const ClusterSpecification& c, std::vector<Problem>& problems) {
  if (c.fabric.kind != FabricKind::none || c.nodes <= c.node.nvlink_domain_nodes) return;
  problems.push_back(
      {"/fabric/kind", fmt::format("without a fabric, {} nodes in NVLink domains of {} are not connected", c.nodes,
                                   c.node.nvlink_domain_nodes)});
}

void check_nics(const ClusterSpecification& c, std::vector<Problem>& problems) {
  if (c.fabric.kind == FabricKind::none) return;
  if (c.node.nics < 1) problems.push_back({"/node/nics", "a fabric needs at least one NIC per node"});
  if (c.node.nics > c.node.gpus) {
    problems.push_back(
        {"/node/nics", fmt::format("{} NICs for {} GPUs; at most one per GPU", c.node.nics, c.node.gpus)});
  }
}

void check_other_nodes(const ClusterSpecification& c, std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < c.other_nodes.size(); ++i) {
    const auto& other = c.other_nodes[i];
    if (other.first < 0 || other.count < 1 || other.first > c.nodes - other.count)
      problems.push_back({fmt::format("/other_nodes/{}", i), fmt::format("the cluster has {} nodes", c.nodes)});
    const bool gpus_differ = other.gpus != 0 && other.gpus != c.node.gpus;
    const bool nics_differ = other.nics != 0 && other.nics != c.node.nics;
    if (gpus_differ || nics_differ)
      problems.push_back(
          {fmt::format("/other_nodes/{}", i),
           fmt::format("{} GPUs and {} NICs, the cluster's other nodes {} and {}; all nodes of a cluster "
                       "have equally many",
                       other.gpus != 0 ? other.gpus : c.node.gpus, other.nics != 0 ? other.nics : c.node.nics,
                       c.node.gpus, c.node.nics)});
    for (const auto rate : {other.nvlink, other.nic, other.pcie})
      if (rate.value() != 0 && !(rate.value() >= bandwidth.low && rate.value() <= bandwidth.high))
        problems.push_back({fmt::format("/other_nodes/{}", i), "rates are 1 MB/s to 1 PB/s"});
  }
}

void check_size(const ClusterSpecification& c, std::vector<Problem>& problems) {
  if (c.nodes * c.node.gpus <= most_gpus) return;
  problems.push_back({"/nodes", fmt::format("{} GPUs; at most {} are supported", c.nodes * c.node.gpus, most_gpus)});
}

void check_shape(const ClusterSpecification& c, std::vector<Problem>& problems) {
  if (is_switch_graph(c.fabric.kind)) {
    const auto problem = switch_graph_problem(c);
    if (problem) problems.push_back(*problem);
    return;
  }
  if (c.fabric.routing > RoutingKind::destination)
    return problems.push_back({"/fabric/routing", "fat trees route by spread, ecmp or destination"});
  const auto [shape, problem] = fat_tree_shape(c);
  if (problem) return problems.push_back(*problem);
  const std::int64_t cables = nics(c) + shape.leaves() * shape.leaf_up + shape.spines() * shape.spine_up;
  if (cables > most_cables) {
    problems.push_back({"/fabric", fmt::format("{} cables; at most {} are supported", cables, most_cables)});
  }
}

class FailureCheck {
 public:
  FailureCheck(const ClusterSpecification& c, std::vector<Problem>& problems) : c_(c), problems_(problems) {
    auto healthy = c;
    healthy.degraded_links.clear();
    healthy.failed_switches.clear();
    cluster_ = build(healthy);
  }

  void check_links() {
    for (std::size_t i = 0; i < c_.degraded_links.size(); ++i) {
      const auto& link = c_.degraded_links[i];
      const auto pointer = fmt::format("/degraded_links/{}", i);
      const auto from = vertex(link.from, pointer + "/from"), to = vertex(link.to, pointer + "/to");
      if (from == Graph::null_vertex() || to == Graph::null_vertex()) continue;
      if (!edge(from, to, cluster_.graph).second)
        problems_.push_back({pointer, fmt::format("no link from \"{}\" to \"{}\"", link.from, link.to)});
      if (link.factor > 0 && link.factor < 1e-3)
        problems_.push_back({pointer + "/factor", "a factor is 0 (broken), or 0.001 to 1"});
      if (link.factor == 0 && std::min(kind(from), kind(to)) < VertexKind::nic)
        problems_.push_back({pointer, "only cables of NICs and switches can be broken"});
    }
  }

  void check_switches() {
    for (std::size_t i = 0; i < c_.failed_switches.size(); ++i) {
      const auto pointer = fmt::format("/failed_switches/{}", i);
      const auto found = vertex(c_.failed_switches[i], pointer);
      if (found != Graph::null_vertex() && cluster_.graph[found].kind < VertexKind::leaf)
        problems_.push_back({pointer, fmt::format("\"{}\" is no switch of the fabric", c_.failed_switches[i])});
    }
  }

 private:
  VertexKind kind(VertexId v) const { return cluster_.graph[v].kind; }

  VertexId vertex(const std::string& name, const std::string& pointer) {
    const auto found = find_vertex(cluster_, name);
    if (found == Graph::null_vertex())
      problems_.push_back({pointer, fmt::format("unknown \"{}\"; this cluster's last ones are {}", name, last_ones())});
    return found;
  }

  /// "gpu 7", "nvswitch 0", ...: what there is, numbered from 0.
  std::string last_ones() const {
    std::string names;
    for (std::size_t k = 0; k < vertex_kinds; ++k) {
      const auto kind = static_cast<VertexKind>(k);
      const auto count = cluster_.numbers.count(kind);
      if (count == 0) continue;
      names += names.empty() ? "" : ", ";
      names += fmt::format("\"{}\"", name_of(cluster_.graph[cluster_.numbers.of(kind, count - 1)]));
    }
    return names;
  }

  const ClusterSpecification& c_;
  std::vector<Problem>& problems_;
  Cluster cluster_;
};

void check_failures(const ClusterSpecification& c, std::vector<Problem>& problems) {
  if (c.degraded_links.empty() && c.failed_switches.empty()) return;
  FailureCheck check(c, problems);
  check.check_links();
  check.check_switches();
}

}  // namespace

bool ClusterSpecification::broken() const {
  return !failed_switches.empty() || std::ranges::any_of(degraded_links, [](const auto& l) { return l.factor == 0; });
}

std::vector<Problem> check(const ClusterSpecification& cluster) {
  std::vector<Problem> problems;
  if (!fields_in_range(cluster)) return {{"", "a value of the cluster is out of its range"}};
  check_domains(cluster, problems);
  check_nics(cluster, problems);
  check_other_nodes(cluster, problems);
  check_size(cluster, problems);
  if (problems.empty()) check_shape(cluster, problems);
  if (problems.empty()) check_failures(cluster, problems);
  return problems;
}

}  // namespace plenum::topology
