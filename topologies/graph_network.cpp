#include "topologies/graph_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "sim/core/random.hpp"
#include "topologies/node.hpp"
#include "topologies/pooled_switches.hpp"
#include "topologies/switch_ways.hpp"

namespace plenum::topology {
namespace {

class GraphNetwork : public Network {
 public:
  GraphNetwork(const Cluster& cluster, const ClusterSpecification& specification)
      : cluster_(cluster), node_(specification.node), ways_(cluster, specification.fabric) {
    if (specification.fabric.routing == RoutingKind::ideal) pool_ = PooledSwitches(cluster);
    if (specification.fabric.routing == RoutingKind::valiant_packets)
      pool_ = PooledSwitches(cluster, even_detours(cluster));
    const auto first = cluster.numbers.of(VertexKind::leaf, 0);
    for (std::int64_t nic = 0; nic < cluster.numbers.count(VertexKind::nic); ++nic) {
      auto& ports = ports_.emplace_back();
      for (const auto edge : edges_from(cluster.numbers.of(VertexKind::nic, nic), cluster.graph))
        if (const auto to = target(edge, cluster.graph); to >= first)
          ports.push_back({to - first, get(boost::edge_index, cluster.graph, edge)});
    }
  }

  std::size_t channel_count() const override { return edges() + pool_.channels(); }

  Channel channel(std::uint32_t id) const override {
    if (id >= edges()) return pool_.channel(id);
    const Link& link = cluster_.graph[edge_from_index(id, cluster_.graph)];
    return {link.bandwidth, link.latency, link.kind, 1};
  }

  std::string channel_name(std::uint32_t id) const override {
    if (id >= edges()) return pool_.name(id);
    const auto edge = edge_from_index(id, cluster_.graph);
    return fmt::format("{} -> {}", name_of(cluster_.graph[source(edge, cluster_.graph)]),
                       name_of(cluster_.graph[target(edge, cluster_.graph)]));
  }

  void route(std::uint32_t source, std::uint32_t destination, std::uint64_t label,
             std::vector<std::uint32_t>& channels) const override {
    if (source / gpus_per_domain(node_) == destination / gpus_per_domain(node_))
      return over_nvlink(source, destination, channels);
    const SwitchWays::Flow flow{destination, mix((std::uint64_t{source} << 32 | destination) ^ mix(label))};
    const auto [sender, receiver] = with_a_way(source, destination, flow.hash);
    if (sender.gpu != source) over_nvlink(source, sender.gpu, channels);
    over_fabric(sender, receiver, flow, channels);
    if (receiver.gpu != destination) over_nvlink(receiver.gpu, destination, channels);
  }

 private:
  struct Port {
    std::int64_t at;     ///< switch
    std::uint32_t edge;  ///< from the NIC to it
  };
  /// Where a flow leaves or enters a domain.
  struct Gate {
    std::int64_t gpu = 0, nic = 0;
    Port port{};
  };

  std::size_t edges() const { return num_edges(cluster_.graph); }

  std::int64_t nic_of(std::int64_t gpu) const {
    return gpu / node_.gpus * node_.nics + nic_of_gpu(node_, gpu % node_.gpus);
  }

  /// By the GPUs' own NICs; where these are broken or on rails that nothing joins, by those of neighbours in the
  /// domain.
  std::pair<Gate, Gate> with_a_way(std::int64_t source, std::int64_t destination, std::uint64_t hash) const {
    const auto senders = neighbours(source, destination), receivers = neighbours(destination, source);
    for (std::size_t away = 0; away < senders.size() + receivers.size(); ++away)
      for (std::size_t i = 0; i <= away && i < senders.size(); ++i) {
        if (away - i >= receivers.size()) continue;
        if (const auto found = joined(senders[i], receivers[away - i], hash)) return *found;
      }
    throw std::logic_error("a route between GPUs that are not connected");
  }

  /// The GPU itself, then its neighbour on the other one's rail, then the others of its domain.
  std::vector<std::int64_t> neighbours(std::int64_t gpu, std::int64_t other) const {
    const auto domain = gpus_per_domain(node_), first = gpu / domain * domain;
    std::vector<std::int64_t> found{gpu};
    const auto end = std::min(first + domain, static_cast<std::int64_t>(cluster_.gpus.size()));
    for (std::int64_t i = 0; i < end - first; ++i)
      if (const auto next = first + (other + i) % domain; next != gpu && next < end) found.push_back(next);
    return found;
  }

  /// Ports of both NICs that have a way; which of several, the hash says.
  std::optional<std::pair<Gate, Gate>> joined(std::int64_t out, std::int64_t in, std::uint64_t hash) const {
    const auto nic_out = nic_of(out), nic_in = nic_of(in);
    const auto &from = ports_[static_cast<std::size_t>(nic_out)], &to = ports_[static_cast<std::size_t>(nic_in)];
    for (std::size_t i = 0; i < from.size(); ++i)
      for (std::size_t j = 0; j < to.size(); ++j) {
        const auto &a = from[(hash + i) % from.size()], &b = to[(hash + i + j) % to.size()];
        if (ways_.reaches(a.at, b.at)) return {{{out, nic_out, a}, {in, nic_in, b}}};
      }
    return std::nullopt;
  }

  void over_fabric(const Gate& out, const Gate& in, const SwitchWays::Flow& flow,
                   std::vector<std::uint32_t>& channels) const {
    const auto nic_out = cluster_.numbers.of(VertexKind::nic, out.nic),
               nic_in = cluster_.numbers.of(VertexKind::nic, in.nic);
    take(edge_between(cluster_.gpus[static_cast<std::size_t>(out.gpu)], nic_out), channels);
    take(out.port.edge, channels);
    cross(out.port.at, in.port.at, flow, channels);
    take(edge_between(cluster_.numbers.of(VertexKind::leaf, in.port.at), nic_in), channels);
    take(edge_between(nic_in, cluster_.gpus[static_cast<std::size_t>(in.gpu)]), channels);
  }

  void cross(std::int64_t from, std::int64_t to, const SwitchWays::Flow& flow,
             std::vector<std::uint32_t>& channels) const {
    if (from == to) return;
    if (pool_.channels() > 0) return pool_.cross(from, to, ways_.hops(from, to), channels);
    for (const auto edge : ways_.between(from, to, flow)) take(edge, channels);
  }

  void take(std::uint32_t edge, std::vector<std::uint32_t>& channels) const {
    ways_.take(edge);
    channels.push_back(edge);
  }

  std::uint32_t edge_between(VertexId from, VertexId to) const {
    for (const auto edge : edges_from(from, cluster_.graph))
      if (target(edge, cluster_.graph) == to) return get(boost::edge_index, cluster_.graph, edge);
    throw std::logic_error("no edge where the generator wired one");
  }

  void over_nvlink(std::int64_t source, std::int64_t destination, std::vector<std::uint32_t>& channels) const {
    const auto from = cluster_.gpus[static_cast<std::size_t>(source)],
               to = cluster_.gpus[static_cast<std::size_t>(destination)];
    if (bridged(node_, source, destination)) return channels.push_back(edge_between(from, to));
    const auto domain = cluster_.numbers.of(VertexKind::nvswitch, source / gpus_per_domain(node_));
    channels.push_back(edge_between(from, domain));
    channels.push_back(edge_between(domain, to));
  }

  const Cluster& cluster_;
  const NodeSpecification node_;
  const SwitchWays ways_;
  PooledSwitches pool_;                   ///< of routing that has no single ways
  std::vector<std::vector<Port>> ports_;  ///< by NIC
};

}  // namespace

std::unique_ptr<Network> make_graph_network(const Cluster& cluster, const ClusterSpecification& specification) {
  return std::make_unique<GraphNetwork>(cluster, specification);
}

}  // namespace plenum::topology
