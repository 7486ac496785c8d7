#include "topologies/graph_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <unordered_map>

#include "sim/core/random.hpp"
#include "topologies/node.hpp"
#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

using Distances = std::vector<std::uint16_t>;  ///< by switch, to one destination
constexpr auto unreached = std::numeric_limits<std::uint16_t>::max();

struct Hop {
  std::int64_t to;
  std::uint32_t edge;
};

struct Flow {
  std::uint32_t source, destination;
  std::uint64_t hash;
};

class GraphNetwork : public Network {
 public:
  GraphNetwork(const Cluster& cluster, const ClusterSpecification& specification)
      : cluster_(cluster),
        node_(specification.node),
        routing_(specification.fabric.routing),
        graph_(switch_graph(specification)),
        load_(num_edges(cluster.graph)),
        hops_(static_cast<std::size_t>(graph_.switches())) {
    if (routing_ == RoutingKind::dimension_order) sizes_ = specification.fabric.graph.dimensions;
    for (std::int64_t s = 0; s < graph_.switches(); ++s)
      for (const auto edge : edges_from(vertex_of_switch(cluster_.numbers, s), cluster_.graph))
        if (const auto to = switch_at(target(edge, cluster_.graph)); to >= 0)
          hops_[static_cast<std::size_t>(s)].push_back({to, get(boost::edge_index, cluster_.graph, edge)});
  }

  std::size_t channel_count() const override { return num_edges(cluster_.graph); }

  Channel channel(std::uint32_t id) const override {
    const Link& link = cluster_.graph[edge_from_index(id, cluster_.graph)];
    return {link.bandwidth, link.latency, link.kind, 1};
  }

  std::string channel_name(std::uint32_t id) const override {
    const auto edge = edge_from_index(id, cluster_.graph);
    return fmt::format("{} -> {}", name_of(cluster_.graph[source(edge, cluster_.graph)]),
                       name_of(cluster_.graph[target(edge, cluster_.graph)]));
  }

  void route(std::uint32_t source, std::uint32_t destination, std::uint64_t label,
             std::vector<std::uint32_t>& channels) const override {
    if (source / gpus_per_domain(node_) == destination / gpus_per_domain(node_))
      return over_nvlink(source, destination, channels);
    const Flow flow{source, destination, mix((std::uint64_t{source} << 32 | destination) ^ mix(label))};
    const auto out = nic_of(source), in = nic_of(destination);
    const auto plane = static_cast<std::int64_t>(flow.hash % static_cast<std::uint64_t>(graph_.planes));
    const auto from = switch_of(out, plane), to = switch_of(in, plane);
    const auto gpu = cluster_.gpus[source], gpu_in = cluster_.gpus[destination];
    const auto nic_out = cluster_.numbers.of(VertexKind::nic, out), nic_in = cluster_.numbers.of(VertexKind::nic, in);
    take(edge_between(gpu, nic_out), channels);
    take(edge_between(nic_out, vertex_of_switch(cluster_.numbers, from)), channels);
    for (const auto edge : crossing(from, to, flow)) take(edge, channels);
    take(edge_between(vertex_of_switch(cluster_.numbers, to), nic_in), channels);
    take(edge_between(nic_in, gpu_in), channels);
  }

 private:
  using Way = std::vector<std::uint32_t>;

  std::int64_t switch_at(VertexId vertex) const {
    const auto first = cluster_.numbers.of(VertexKind::leaf, 0);
    return vertex < first ? -1 : static_cast<std::int64_t>(vertex - first);
  }

  std::int64_t nic_of(std::int64_t gpu) const {
    return gpu / node_.gpus * node_.nics + nic_of_gpu(node_, gpu % node_.gpus);
  }

  std::int64_t switch_of(std::int64_t nic, std::int64_t plane) const {
    return graph_.switch_of_nic[static_cast<std::size_t>(nic * graph_.planes + plane)];
  }

  void take(std::uint32_t edge, std::vector<std::uint32_t>& channels) const {
    ++load_[edge];
    channels.push_back(edge);
  }

  std::uint32_t edge_between(VertexId from, VertexId to) const {
    for (const auto edge : edges_from(from, cluster_.graph))
      if (target(edge, cluster_.graph) == to) return get(boost::edge_index, cluster_.graph, edge);
    throw std::logic_error("no edge where the generator wired one");
  }

  void over_nvlink(std::int64_t source, std::int64_t destination, std::vector<std::uint32_t>& channels) const {
    const auto domain = cluster_.numbers.of(VertexKind::nvswitch, source / gpus_per_domain(node_));
    channels.push_back(edge_between(cluster_.gpus[static_cast<std::size_t>(source)], domain));
    channels.push_back(edge_between(domain, cluster_.gpus[static_cast<std::size_t>(destination)]));
  }

  const Distances& distances_to(std::int64_t destination) const {
    const auto [place, added] = distances_.try_emplace(destination);
    if (!added) return place->second;
    auto& distance = place->second;
    distance.assign(hops_.size(), unreached);
    distance[static_cast<std::size_t>(destination)] = 0;
    std::vector<std::int64_t> queue{destination};
    for (std::size_t head = 0; head < queue.size(); ++head)
      for (const auto& hop : hops_[static_cast<std::size_t>(queue[head])])  // cables lead both ways
        if (auto& d = distance[static_cast<std::size_t>(hop.to)]; d == unreached) {
          d = static_cast<std::uint16_t>(distance[static_cast<std::size_t>(queue[head])] + 1);
          queue.push_back(hop.to);
        }
    return distance;
  }

  Way crossing(std::int64_t from, std::int64_t to, const Flow& flow) const {
    if (from == to) return {};
    if (routing_ == RoutingKind::dimension_order) return by_dimensions(from, to, flow);
    if (routing_ == RoutingKind::valiant) return detour(from, to, flow);
    auto direct = shortest(from, to, flow);
    if (routing_ != RoutingKind::ugal) return direct;
    auto round = detour(from, to, flow);
    return cost(direct) <= cost(round) ? direct : round;
  }

  /// Load times hops, the estimate of queueing in UGAL (A. Singh, "Load-balanced routing in interconnection networks",
  /// 2005), with the load of the whole way.
  std::uint64_t cost(const Way& way) const {
    std::uint64_t most = 0;
    for (const auto edge : way) most = std::max<std::uint64_t>(most, load_[edge] + 1);
    return most * way.size();
  }

  Way detour(std::int64_t from, std::int64_t to, const Flow& flow) const {
    const auto middle = static_cast<std::int64_t>(mix(flow.hash) % static_cast<std::uint64_t>(graph_.leaves));
    if (distances_to(to)[static_cast<std::size_t>(middle)] == unreached)
      return shortest(from, to, flow);  // other plane
    auto way = shortest(from, middle, flow);
    const auto rest = shortest(middle, to, flow);
    way.insert(way.end(), rest.begin(), rest.end());
    return way;
  }

  Way shortest(std::int64_t from, std::int64_t to, const Flow& flow) const {
    const auto& distance = distances_to(to);
    Way way;
    auto hash = flow.hash;
    for (auto at = from; at != to;) {
      const auto hop = pick(nearer(at, distance), flow, hash = mix(hash));
      way.push_back(hop.edge);
      at = hop.to;
    }
    return way;
  }

  std::vector<Hop> nearer(std::int64_t at, const Distances& distance) const {
    std::vector<Hop> found;
    const auto here = distance[static_cast<std::size_t>(at)];
    if (here == unreached) throw std::logic_error("a route between switches that are not connected");
    for (const auto& hop : hops_[static_cast<std::size_t>(at)])
      if (distance[static_cast<std::size_t>(hop.to)] + 1 == here) found.push_back(hop);
    return found;
  }

  Hop pick(const std::vector<Hop>& hops, const Flow& flow, std::uint64_t hash) const {
    if (routing_ == RoutingKind::ecmp || routing_ == RoutingKind::valiant) return hops[hash % hops.size()];
    if (routing_ == RoutingKind::destination) return hops[flow.destination % hops.size()];
    return *std::ranges::min_element(hops, {}, [&](const Hop& hop) { return load_[hop.edge]; });
  }

  /// Where the first coordinate that differs comes nearer; on a ring the shorter way round, upwards when both are
  /// equal.
  Way by_dimensions(std::int64_t from, std::int64_t to, const Flow& flow) const {
    const auto& distance = distances_to(to);
    Way way;
    for (auto at = from; at != to;) {
      auto hops = nearer(at, distance);
      std::int64_t stride = 1;
      for (const auto size : sizes_) {
        const auto here = at / stride % size;
        if (here != to / stride % size) {
          std::erase_if(hops, [&](const Hop& hop) { return hop.to / stride % size == here; });
          break;
        }
        stride *= size;
      }
      const auto next = hops.front().to;
      std::erase_if(hops, [&](const Hop& hop) { return hop.to != next; });
      const auto hop = hops[flow.destination % hops.size()];
      way.push_back(hop.edge);
      at = hop.to;
    }
    return way;
  }

  const Cluster& cluster_;
  const NodeSpecification node_;
  const RoutingKind routing_;
  const SwitchGraph graph_;
  std::vector<std::int64_t> sizes_;
  mutable std::vector<std::uint32_t> load_;  ///< flows routed over each edge until now
  mutable std::unordered_map<std::int64_t, Distances> distances_;
  std::vector<std::vector<Hop>> hops_;  ///< by switch
};

}  // namespace

std::unique_ptr<Network> make_graph_network(const Cluster& cluster, const ClusterSpecification& specification) {
  return std::make_unique<GraphNetwork>(cluster, specification);
}

}  // namespace plenum::topology
