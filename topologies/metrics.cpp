#include "topologies/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/biconnected_components.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "sim/core/random.hpp"
#include "topologies/node.hpp"

namespace plenum::topology {
namespace {

constexpr std::size_t sampled_switches = 64;

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using FlowGraph = boost::adjacency_list<
    boost::vecS, boost::vecS, boost::directedS, boost::no_property,
    boost::property<boost::edge_capacity_t, std::int64_t,
                    boost::property<boost::edge_residual_capacity_t, std::int64_t,
                                    boost::property<boost::edge_reverse_t, Traits::edge_descriptor>>>>;

/// Whether a node is in the second half.
using Half = std::function<bool(std::int64_t node)>;

/// Switches alone; parallel cables as one. Numbers are those of vertices less the first leaf's.
class SwitchNetwork {
 public:
  SwitchNetwork(const Cluster& cluster, const NodeSpecification& node, Half half)
      : cluster_(cluster),
        half_(std::move(half)),
        first_(cluster.numbers.of(VertexKind::leaf, 0)),
        switches_(num_vertices(cluster.graph) - first_),
        nodes_per_domain_(node.nvlink_domain_nodes),
        domains_((cluster.nodes + nodes_per_domain_ - 1) / nodes_per_domain_),
        ports_of_nic_(static_cast<std::size_t>(cluster.numbers.count(VertexKind::nic))) {
    for (std::size_t s = 0; s < switches_; ++s)
      for (const auto edge : edges_from(first_ + static_cast<VertexId>(s), cluster.graph)) add(s, edge);
  }

  std::size_t switches() const { return switches_; }
  const std::map<std::pair<std::size_t, std::size_t>, double>& cables() const { return cables_; }
  const std::vector<std::vector<std::size_t>>& neighbours() const { return neighbours_; }
  const std::vector<double>& first_half() const { return halves_[0]; }
  const std::vector<double>& second_half() const { return halves_[1]; }
  std::string name(std::size_t s) const { return name_of(cluster_.graph[first_ + static_cast<VertexId>(s)]); }
  VertexKind kind(std::size_t s) const { return cluster_.graph[first_ + static_cast<VertexId>(s)].kind; }
  bool has_nics(std::size_t s) const { return halves_[0][s] + halves_[1][s] > 0; }
  std::int64_t cable_count() const { return cable_count_ / 2; }
  std::int64_t nic_cables() const { return nic_cables_; }
  double injection() const { return injection_; }
  std::size_t domains() const { return static_cast<std::size_t>(domains_); }

  /// A cable between a NIC and a switch.
  struct Port {
    std::size_t at, nic, domain;
    double rate;
    bool first_half;
  };
  const std::vector<Port>& ports() const { return ports_; }
  std::int64_t ports_of(std::size_t nic) const { return ports_of_nic_[nic]; }

 private:
  void add(std::size_t s, EdgeId edge) {
    neighbours_.resize(switches_);
    for (auto& half : halves_) half.resize(switches_);
    const auto to = target(edge, cluster_.graph);
    const double rate = cluster_.graph[edge].bandwidth.value();
    if (to >= first_) {
      const auto t = static_cast<std::size_t>(to - first_);
      auto& cable = cables_[{s, t}];
      if (cable == 0) neighbours_[s].push_back(t);
      cable += rate;
      ++cable_count_;
    } else if (cluster_.graph[to].kind == VertexKind::nic) {
      const auto node = static_cast<std::int64_t>(cluster_.graph[to].parent);
      const bool second = half_(node);
      halves_[second][s] += rate;
      ports_.push_back(
          {s, cluster_.graph[to].index, static_cast<std::size_t>(node / nodes_per_domain_), rate, !second});
      ++ports_of_nic_[cluster_.graph[to].index];
      ++nic_cables_;
      injection_ += rate;
    }
  }

  const Cluster& cluster_;
  const Half half_;
  const VertexId first_;
  const std::size_t switches_;
  const std::int64_t nodes_per_domain_, domains_;
  std::vector<Port> ports_;
  std::vector<std::int64_t> ports_of_nic_;
  std::map<std::pair<std::size_t, std::size_t>, double> cables_;
  std::vector<std::vector<std::size_t>> neighbours_;
  std::array<std::vector<double>, 2> halves_;
  std::int64_t cable_count_ = 0, nic_cables_ = 0;
  double injection_ = 0;
};

constexpr auto none = static_cast<std::size_t>(-1);

/// What is taken away: a switch, the cables between two (one of them, when there are several), or a NIC's.
struct Without {
  std::size_t a = none, b = none;
  double cable = 0;
  const SwitchNetwork::Port* port = nullptr;

  bool is_switch() const { return b == none && port == nullptr; }
  bool loses(std::size_t s) const { return is_switch() && s == a; }
  bool loses(const SwitchNetwork::Port& other) const { return port == &other || loses(other.at); }
  bool hits(std::size_t from, std::size_t to) const {
    return b != none && ((from == a && to == b) || (from == b && to == a));
  }
};

class MaxFlow {
 public:
  explicit MaxFlow(std::size_t vertices) : graph_(vertices) {}

  void connect(std::size_t from, std::size_t to, double rate) {
    const auto forward = add_edge(from, to, graph_).first, backward = add_edge(to, from, graph_).first;
    put(boost::edge_capacity, graph_, forward, static_cast<std::int64_t>(rate));
    put(boost::edge_capacity, graph_, backward, 0);
    put(boost::edge_reverse, graph_, forward, backward);
    put(boost::edge_reverse, graph_, backward, forward);
  }

  double between(std::size_t source, std::size_t sink) {
    return static_cast<double>(boost::push_relabel_max_flow(graph_, source, sink));
  }

 private:
  FlowGraph graph_;
};

double bisection(const SwitchNetwork& network, const Without& without = {}) {
  const auto source = network.switches(), sink = source + 1;
  MaxFlow flow(sink + 1);
  for (const auto& [ends, rate] : network.cables()) {
    const auto [a, b] = ends;
    if (without.loses(a) || without.loses(b)) continue;
    flow.connect(a, b, rate - (without.hits(a, b) ? without.cable : 0));
  }
  const auto* port = without.port;
  for (std::size_t s = 0; s < network.switches(); ++s) {
    if (without.loses(s)) continue;
    const double lost = port != nullptr && port->at == s ? port->rate : 0;
    const double first = network.first_half()[s] - (lost > 0 && port->first_half ? lost : 0),
                 second = network.second_half()[s] - (lost > 0 && !port->first_half ? lost : 0);
    if (first > 0) flow.connect(source, s, first);
    if (second > 0) flow.connect(s, sink, second);
  }
  return flow.between(source, sink);
}

std::vector<std::size_t> with_nics(const SwitchNetwork& network) {
  std::vector<std::size_t> found;
  for (std::size_t s = 0; s < network.switches(); ++s)
    if (network.has_nics(s)) found.push_back(s);
  return found;
}

std::vector<std::int64_t> distances_from(const SwitchNetwork& network, std::size_t start, std::size_t without = none) {
  std::vector<std::int64_t> distance(network.switches(), -1);
  std::vector<std::size_t> queue{start};
  distance[start] = 0;
  for (std::size_t head = 0; head < queue.size(); ++head)
    for (const auto next : network.neighbours()[queue[head]])
      if (distance[next] < 0 && next != without) {
        distance[next] = distance[queue[head]] + 1;
        queue.push_back(next);
      }
  return distance;
}

/// Rail-only fabrics are not connected by switches: what is unreached goes through a node and doesn't count.
void measure_distances(const SwitchNetwork& network, FabricMetrics& metrics) {
  const auto places = with_nics(network);
  const auto step = std::max<std::size_t>(1, places.size() / sampled_switches);
  double sum = 0, pairs = 0;
  for (std::size_t i = 0; i < places.size(); i += step) {
    const auto distance = distances_from(network, places[i]);
    for (const auto other : places) {
      if (distance[other] < 0) continue;
      metrics.diameter = std::max(metrics.diameter, distance[other] + 1);
      sum += static_cast<double>(distance[other] + 1), ++pairs;
    }
  }
  metrics.average_distance = pairs > 0 ? sum / pairs : 0;
}

double diversity(const SwitchNetwork& network, double cable) {
  auto places = with_nics(network);
  if (places.empty()) return 0;
  const auto distance = distances_from(network, places.front());
  std::erase_if(places, [&](auto s) { return distance[s] < 0; });  // in other planes, or on other rails
  if (places.size() < 2) return 0;
  MaxFlow flow(network.switches());
  for (const auto& [ends, rate] : network.cables()) flow.connect(ends.first, ends.second, rate);
  return flow.between(places.front(), places.back()) / cable;
}

using UndirectedGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;

/// Switches that hold the others together (articulation points that separate switches with NICs).
std::set<std::size_t> articulations(const SwitchNetwork& network) {
  UndirectedGraph graph(network.switches());
  for (const auto& [ends, rate] : network.cables())
    if (ends.first < ends.second) add_edge(ends.first, ends.second, graph);
  std::vector<std::size_t> points;
  boost::articulation_points(graph, std::back_inserter(points));
  const auto places = with_nics(network);
  std::set<std::size_t> found;
  for (const auto point : points) {
    const auto start = std::ranges::find_if(places, [&](auto s) { return s != point; });
    if (start == places.end()) continue;
    const auto before = distances_from(network, *start), after = distances_from(network, *start, point);
    if (std::ranges::any_of(places, [&](auto s) { return s != point && before[s] >= 0 && after[s] < 0; }))
      found.insert(point);
  }
  return found;
}

using Colours = std::vector<std::uint64_t>;

/// Colours of switches: kind and NICs in either half.
Colours colours_alone(const SwitchNetwork& network) {
  const auto bits = [](double rate) { return mix(std::bit_cast<std::uint64_t>(rate)); };
  Colours colour(network.switches());
  for (std::size_t s = 0; s < colour.size(); ++s)
    colour[s] = mix(static_cast<std::uint64_t>(network.kind(s)) ^ bits(network.first_half()[s]) ^
                    mix(bits(network.second_half()[s])));
  return colour;
}

/// The same, then three times what is cabled to them (Weisfeiler-Leman).
Colours colours_among_others(const SwitchNetwork& network, Colours colour) {
  for (int round = 0; round < 3; ++round) {
    auto next = colour;
    for (const auto& [ends, rate] : network.cables())
      next[ends.first] += mix(colour[ends.second] ^ mix(std::bit_cast<std::uint64_t>(rate)));
    for (auto& c : next) c = mix(c);
    colour = std::move(next);
  }
  return colour;
}

/// What a failure is called by: colours of the switch, of a cable's ends, of a NIC's cable's.
using FailureKey = std::pair<std::uint64_t, std::uint64_t>;

FailureKey key_of(const Colours& colour, const Without& lost) {
  if (lost.port != nullptr) return {colour[lost.a], 1};
  return lost.is_switch() ? FailureKey{colour[lost.a], 0} : FailureKey(std::minmax(colour[lost.a], colour[lost.b]));
}

struct FailureClass {
  Without lost;
  std::int64_t members = 0;
};

/// Failures in like surroundings, largest class first.
std::vector<FailureClass> failure_classes(const SwitchNetwork& network, const Colours& colour, double cable) {
  std::vector<FailureClass> list;
  std::map<FailureKey, std::size_t> place;
  const auto add = [&](const Without& lost, std::int64_t members) {
    const auto [found, added] = place.try_emplace(key_of(colour, lost), list.size());
    if (added) list.push_back({.lost = lost});
    list[found->second].members += members;
  };
  for (std::size_t s = 0; s < network.switches(); ++s) add({.a = s}, 1);
  for (const auto& port : network.ports()) add({.a = port.at, .port = &port}, 1);
  for (const auto& [ends, rate] : network.cables())
    if (ends.first < ends.second)
      add({.a = ends.first, .b = ends.second, .cable = cable}, std::max<std::int64_t>(1, std::llround(rate / cable)));
  std::ranges::stable_sort(list, std::ranges::greater(), &FailureClass::members);
  return list;
}

/// Max-flows are dear on large fabrics.
std::size_t tried_classes(const SwitchNetwork& network) { return network.cables().size() > 100'000 ? 12 : 32; }

/// Where all are too many: the largest class of every kind and pair of halves, then the second largest ...
void put_every_kind_first(const Colours& colour, std::vector<FailureClass>& classes) {
  std::map<FailureKey, std::size_t> seen;
  std::vector<std::pair<std::size_t, FailureClass>> ranked;
  for (const auto& of : classes) ranked.emplace_back(seen[key_of(colour, of.lost)]++, of);
  std::ranges::stable_sort(ranked, {}, &std::pair<std::size_t, FailureClass>::first);
  std::ranges::transform(ranked, classes.begin(), &std::pair<std::size_t, FailureClass>::second);
}

/// NICs whose every cable is lost.
std::int64_t lost_nics(const SwitchNetwork& network, const Without& lost) {
  std::map<std::size_t, std::int64_t> left;
  for (const auto& port : network.ports())
    if (lost.loses(port)) --left.try_emplace(port.nic, network.ports_of(port.nic)).first->second;
  return std::ranges::count_if(left, [](const auto& nic) { return nic.second == 0; });
}

/// Domains (whose GPUs meet inside) and what is left of the switches, in components.
bool cuts_off_gpus(const SwitchNetwork& network, const Without& lost, double cable) {
  std::vector<std::size_t> parent(network.domains() + network.switches());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&](std::size_t of) {
    while (parent[of] != of) of = parent[of] = parent[parent[of]];
    return of;
  };
  for (const auto& port : network.ports())
    if (!lost.loses(port)) parent[root(port.domain)] = root(network.domains() + port.at);
  for (const auto& [ends, rate] : network.cables()) {
    const auto [a, b] = ends;
    if (lost.loses(a) || lost.loses(b) || (lost.hits(a, b) && rate < 1.5 * cable)) continue;
    parent[root(network.domains() + a)] = root(network.domains() + b);
  }
  for (std::size_t domain = 1; domain < network.domains(); ++domain)
    if (root(domain) != root(0)) return true;
  return false;
}

std::string name_of(const SwitchNetwork& network, const Without& lost) {
  if (lost.port != nullptr) return fmt::format("nic {} - {}", lost.port->nic, network.name(lost.a));
  return lost.is_switch() ? network.name(lost.a) : network.name(lost.a) + " - " + network.name(lost.b);
}

/// Which of two failures tell the same: kinds of what fails, and what it costs.
auto cost_of(const SwitchNetwork& network, const Without& lost, const Failure& failure) {
  const auto kind = [&](std::size_t s) { return static_cast<int>(network.kind(s)); };
  const auto other = lost.port != nullptr ? static_cast<int>(VertexKind::nic) : lost.b == none ? -1 : kind(lost.b);
  return std::tuple(failure.bisection.value(), std::minmax({kind(lost.a), other}), failure.nics, failure.cuts_off);
}

void measure_failures(const SwitchNetwork& network, double cable, FabricMetrics& metrics) {
  metrics.articulations = static_cast<std::int64_t>(articulations(network).size());
  const auto alone = colours_alone(network);
  auto classes = failure_classes(network, colours_among_others(network, alone), cable);
  put_every_kind_first(alone, classes);
  std::map<decltype(cost_of(network, {}, {})), Failure> found;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto& [lost, members] = classes[i];
    if (i >= tried_classes(network)) {
      metrics.failures_not_tried += members;
      continue;
    }
    const Failure failure{name_of(network, lost), 0, BytesPerSecond(bisection(network, lost)), lost_nics(network, lost),
                          cuts_off_gpus(network, lost, cable)};
    found.try_emplace(cost_of(network, lost, failure), failure).first->second.alike += members;
  }
  for (const auto& [cost, failure] : found) metrics.failures.push_back(failure);
}

/// What NVLink domains inject into the fabric: the least of one, and the least per GPU. Collectives wait for it.
struct Slowest {
  double domain = 0, gpu = 0;
};

Slowest slowest_injection(const Cluster& cluster, const NodeSpecification& node) {
  const auto domain_gpus = gpus_per_domain(node);
  const auto gpus = static_cast<std::int64_t>(cluster.gpus.size());
  std::vector<double> injection(static_cast<std::size_t>((gpus + domain_gpus - 1) / domain_gpus));
  for (std::int64_t nic = 0; nic < cluster.numbers.count(VertexKind::nic); ++nic) {
    const auto vertex = cluster.numbers.of(VertexKind::nic, nic);
    auto& domain = injection[cluster.graph[vertex].parent / static_cast<std::size_t>(node.nvlink_domain_nodes)];
    for (const auto edge : edges_from(vertex, cluster.graph))
      if (cluster.graph[edge].kind == LinkKind::cable) domain += cluster.graph[edge].bandwidth.value();
  }
  Slowest slowest{injection.front(), injection.front() / static_cast<double>(std::min(gpus, domain_gpus))};
  for (std::size_t d = 0; d < injection.size(); ++d) {
    const auto members = std::min(domain_gpus, gpus - static_cast<std::int64_t>(d) * domain_gpus);
    slowest.domain = std::min(slowest.domain, injection[d]);
    slowest.gpu = std::min(slowest.gpu, injection[d] / static_cast<double>(members));
  }
  return slowest;
}

std::vector<std::int64_t> sides_of(const SwitchGraphSpecification& graph) {
  std::vector<std::int64_t> sides = graph.dimensions;
  for (const auto& dimension : graph.product) sides.push_back(dimension.size);
  return sides;
}

/// Halves of as many nodes: by number, and of grids by every coordinate of the nodes' switches.
std::vector<Half> halves_of(const ClusterSpecification& specification) {
  const std::int64_t nodes = specification.nodes;
  std::vector<Half> halves{[nodes](std::int64_t node) { return 2 * node >= nodes; }};
  std::int64_t stride = specification.fabric.graph.nodes_per_switch;
  for (const std::int64_t side : sides_of(specification.fabric.graph)) {
    const auto half = [stride, side](std::int64_t node) { return 2 * (node / stride % side) >= side; };
    std::int64_t second = 0;
    for (std::int64_t node = 0; node < nodes; ++node) second += half(node);
    if (2 * second == nodes) halves.push_back(half);
    stride *= side;
  }
  return halves;
}

/// In the halves between which least flows.
SwitchNetwork halved_network(const Cluster& cluster, const ClusterSpecification& specification) {
  std::vector<SwitchNetwork> networks;
  for (const Half& half : halves_of(specification)) networks.emplace_back(cluster, specification.node, half);
  if (networks.size() == 1) return networks.front();
  return *std::ranges::min_element(networks, {}, [](const SwitchNetwork& network) { return bisection(network); });
}

}  // namespace

FabricMetrics analyze(const Cluster& cluster, const ClusterSpecification& specification) {
  FabricMetrics metrics;
  const SwitchNetwork network = halved_network(cluster, specification);
  metrics.switches = static_cast<std::int64_t>(network.switches());
  if (metrics.switches == 0) return metrics;
  metrics.switch_cables = network.cable_count();
  metrics.nic_cables = network.nic_cables();
  if (specification.fabric.graph.in_nodes) {
    metrics.switches -= cluster.numbers.count(VertexKind::leaf);
    metrics.nic_cables = 0;
  }
  metrics.injection = BytesPerSecond(network.injection());
  measure_distances(network, metrics);
  const double cable = specification.fabric.link.value();
  metrics.bisection = BytesPerSecond(bisection(network));
  metrics.path_diversity = diversity(network, cable);
  const auto gpus = static_cast<double>(cluster.gpus.size());
  const auto slowest = slowest_injection(cluster, specification.node);
  metrics.one_domain = network.domains() == 1;
  metrics.all_reduce_bound = BytesPerSecond(slowest.domain);
  // n/2 GPUs send half of their bytes across, in one direction.
  metrics.all_to_all_bound = std::min(BytesPerSecond(slowest.gpu), metrics.bisection * (4.0 / gpus));
  std::vector<std::uint32_t> all(cluster.gpus.size());
  std::iota(all.begin(), all.end(), 0U);
  if (metrics.one_domain || !connected(cluster, all))
    metrics.all_reduce_bound = metrics.all_to_all_bound = BytesPerSecond(0);
  measure_failures(network, cable, metrics);
  return metrics;
}

}  // namespace plenum::topology
