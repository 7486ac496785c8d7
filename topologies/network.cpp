#include "topologies/network.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "topologies/node.hpp"

namespace plenum::topology {

FatTreeNetwork::FatTreeNetwork(const Cluster& cluster, const ClusterSpecification& specification)
    : cluster_(cluster), shape_(fat_tree_shape(specification).shape), node_(specification.node) {}

Channel FatTreeNetwork::channel(std::uint32_t id) const {
  const Link& link = cluster_.graph[edge_from_index(id, cluster_.graph)];
  return {link.bandwidth, link.latency, link.kind, 1};
}

std::string FatTreeNetwork::channel_name(std::uint32_t id) const {
  const Graph& graph = cluster_.graph;
  const EdgeId edge = edge_from_index(id, graph);
  std::int64_t number = 0, parallel = 0;
  for (const EdgeId other : edges_from(source(edge, graph), graph)) {
    if (target(other, graph) != target(edge, graph)) continue;
    ++parallel;
    if (get(boost::edge_index, graph, other) <= id) ++number;
  }
  const std::string ends =
      fmt::format("{} -> {}", name_of(graph[source(edge, graph)]), name_of(graph[target(edge, graph)]));
  return parallel == 1 ? ends : fmt::format("{} (cable {} of {})", ends, number, parallel);
}

std::uint32_t FatTreeNetwork::edge_of(VertexKind kind, std::int64_t index, std::int64_t position) const {
  const auto first = out_edges(cluster_.numbers.of(kind, index), cluster_.graph).first;
  return get(boost::edge_index, cluster_.graph, *first) + static_cast<std::uint32_t>(position);
}

std::uint32_t FatTreeNetwork::uplink_of(VertexKind kind, std::int64_t index, std::int64_t from_last) const {
  const auto end = out_edges(cluster_.numbers.of(kind, index), cluster_.graph).second;
  return get(boost::edge_index, cluster_.graph, *end) - static_cast<std::uint32_t>(from_last);
}

FatTreeNetwork::Attachment FatTreeNetwork::attachment_of(std::int64_t gpu) const {
  const std::int64_t node = gpu / node_.gpus, nic = nic_of_gpu(node_, gpu % node_.gpus);
  return {node * node_.nics + nic, shape_.leaf_of(node, nic), shape_.leaf_port(node, nic)};
}

void FatTreeNetwork::route(std::uint32_t source, std::uint32_t destination, std::uint64_t label,
                           std::vector<std::uint32_t>& channels) const {
  if (source / gpus_per_domain(node_) == destination / gpus_per_domain(node_)) {
    return over_nvlink(source, destination, channels);
  }
  if (shape_.levels == 0) throw std::logic_error("route between NVLink domains without a fabric");
  const std::int64_t sender = on_rail_of(source, destination);
  if (sender != source) over_nvlink(source, sender, channels);
  const Attachment from = attachment_of(sender), to = attachment_of(destination);
  over_fabric(sender, {source, destination, label, from.leaf, to.leaf, to.port}, channels);
}

/// Without spines the rails meet in the nodes only: the source hands over, by NVLink, to its neighbour on the
/// destination's rail (rail-only fabrics, arXiv 2307.12169). Else a GPU sends by itself.
std::int64_t FatTreeNetwork::on_rail_of(std::int64_t source, std::int64_t destination) const {
  const std::int64_t nic = nic_of_gpu(node_, destination % node_.gpus);
  const bool rails_are_apart = shape_.levels == 1 && shape_.rails;
  if (!rails_are_apart || nic == nic_of_gpu(node_, source % node_.gpus)) return source;
  return source / node_.gpus * node_.gpus + first_gpu_of_nic(node_, nic);
}

void FatTreeNetwork::over_nvlink(std::int64_t source, std::int64_t destination,
                                 std::vector<std::uint32_t>& channels) const {
  if (bridged(node_, source, destination)) return channels.push_back(edge_of(VertexKind::gpu, source, 1));
  const std::int64_t domain = gpus_per_domain(node_);
  channels.push_back(edge_of(VertexKind::gpu, source, 0));
  channels.push_back(edge_of(VertexKind::nvswitch, destination / domain, destination % domain));
}

void FatTreeNetwork::over_fabric(std::int64_t sender, const Crossing& crossing,
                                 std::vector<std::uint32_t>& channels) const {
  const std::int64_t out = attachment_of(sender).nic, in = attachment_of(crossing.destination).nic;
  channels.push_back(uplink_of(VertexKind::gpu, sender, 1));
  channels.push_back(uplink_of(VertexKind::nic, out, 1));
  if (crossing.source_leaf != crossing.destination_leaf) cross(crossing, channels);
  channels.push_back(edge_of(VertexKind::leaf, crossing.destination_leaf, crossing.destination_port));
  const std::int64_t local = crossing.destination % node_.gpus;
  channels.push_back(edge_of(VertexKind::nic, in, local - first_gpu_of_nic(node_, in % node_.nics)));
}

void FatTreeNetwork::follow(const Crossing& crossing, const Choice& choice,
                            std::vector<std::uint32_t>& channels) const {
  const std::int64_t in_pod = choice.leaf_uplink % shape_.spines_per_pod;
  const std::int64_t from = shape_.pod_of_leaf(crossing.source_leaf),
                     to = shape_.pod_of_leaf(crossing.destination_leaf);
  channels.push_back(uplink_of(VertexKind::leaf, crossing.source_leaf, shape_.leaf_up - choice.leaf_uplink));
  if (from != to) {
    const std::int64_t core = in_pod * shape_.cores_per_spine + choice.spine_uplink % shape_.cores_per_spine;
    channels.push_back(
        uplink_of(VertexKind::spine, from * shape_.spines_per_pod + in_pod, shape_.spine_up - choice.spine_uplink));
    channels.push_back(edge_of(VertexKind::core, core, to * shape_.cables_per_spine_and_core() + choice.core_cable));
  }
  const std::int64_t leaf_in_pod = crossing.destination_leaf % shape_.leaves_per_pod();
  channels.push_back(edge_of(VertexKind::spine, to * shape_.spines_per_pod + in_pod,
                             leaf_in_pod * shape_.cables_per_leaf_and_spine() + choice.spine_cable));
}

}  // namespace plenum::topology
