// Even spreading: packets of a flow take all shortest paths in equal parts. Because every leaf reaches every spine of
// its pod with the same number of cables (fat_tree_shape.hpp), the cables of one leaf, and those between one pod and
// the cores, carry equal loads in each direction, and each such bundle is one channel.
#include <fmt/format.h>

#include <algorithm>

#include "topologies/network.hpp"

namespace plenum::topology {
namespace {

/// Bundles follow the edges in the numbering: up from each leaf, down to each leaf, up from each pod, down to each pod.
class Spread : public FatTreeNetwork {
 public:
  Spread(const Cluster& cluster, const ClusterSpecification& specification)
      : FatTreeNetwork(cluster, specification), edges_(num_edges(cluster.graph)) {
    const std::int64_t bundles =
        shape_.levels < 2 ? 0 : 2 * shape_.leaves() + (shape_.levels < 3 ? 0 : 2 * shape_.pods);
    bundles_.assign(static_cast<std::size_t>(bundles), Channel{.cables = 0});
    for (VertexId v = cluster.numbers.of(VertexKind::leaf, 0); v < num_vertices(cluster.graph); ++v) gather(v);
    for (Channel& bundle : bundles_) bundle.bandwidth = bundle.bandwidth * bundle.cables;
  }

  std::size_t channel_count() const override { return edges_ + bundles_.size(); }

  Channel channel(std::uint32_t id) const override {
    return id < edges_ ? FatTreeNetwork::channel(id) : bundles_[id - edges_];
  }

  std::string channel_name(std::uint32_t id) const override {
    if (id < edges_) return FatTreeNetwork::channel_name(id);
    const std::int64_t bundle = id - edges_, leaves = shape_.leaves();
    const auto named = [&](std::string ends) {
      return fmt::format("{} ({} cables)", ends, bundles_[id - edges_].cables);
    };
    if (bundle >= 2 * leaves + shape_.pods)
      return named(fmt::format("cores -> spines of pod {}", bundle - 2 * leaves - shape_.pods));
    if (bundle >= 2 * leaves) return named(fmt::format("spines of pod {} -> cores", bundle - 2 * leaves));
    const std::int64_t pod = shape_.pod_of_leaf(bundle % leaves);
    if (bundle >= leaves) return named(fmt::format("spines of pod {} -> leaf {}", pod, bundle - leaves));
    return named(fmt::format("leaf {} -> spines of pod {}", bundle, pod));
  }

 private:
  void cross(const Crossing& crossing, std::vector<std::uint32_t>& channels) const override {
    const std::int64_t from = shape_.pod_of_leaf(crossing.source_leaf),
                       to = shape_.pod_of_leaf(crossing.destination_leaf);
    channels.push_back(up_from_leaf(crossing.source_leaf));
    if (from != to) channels.insert(channels.end(), {up_from_pod(from), down_to_pod(to)});
    channels.push_back(down_to_leaf(crossing.destination_leaf));
  }

  std::uint32_t bundle(std::int64_t number) const { return edges_ + static_cast<std::uint32_t>(number); }
  std::uint32_t up_from_leaf(std::int64_t leaf) const { return bundle(leaf); }
  std::uint32_t down_to_leaf(std::int64_t leaf) const { return bundle(shape_.leaves() + leaf); }
  std::uint32_t up_from_pod(std::int64_t pod) const { return bundle(2 * shape_.leaves() + pod); }
  std::uint32_t down_to_pod(std::int64_t pod) const { return bundle(2 * shape_.leaves() + shape_.pods + pod); }

  /// Adds the edges of a switch to their bundles; until all are in, a bundle's bandwidth is its slowest cable's.
  void gather(VertexId vertex) {
    const Graph& graph = cluster_.graph;
    for (const EdgeId edge : edges_from(vertex, graph)) {
      const Vertex &from = graph[vertex], &to = graph[target(edge, graph)];
      if (to.kind == VertexKind::nic) continue;
      Channel& bundle = bundles_[bundle_of(from, to) - edges_];
      const Link& link = graph[edge];
      bundle.bandwidth = bundle.cables == 0 ? link.bandwidth : std::min(bundle.bandwidth, link.bandwidth);
      bundle.latency = std::max(bundle.latency, link.latency);
      ++bundle.cables;
    }
  }

  std::uint32_t bundle_of(const Vertex& from, const Vertex& to) const {
    if (from.kind == VertexKind::leaf) return up_from_leaf(from.index);
    if (to.kind == VertexKind::leaf) return down_to_leaf(to.index);
    return from.kind == VertexKind::spine ? up_from_pod(from.parent) : down_to_pod(to.parent);
  }

  const std::uint32_t edges_;
  std::vector<Channel> bundles_;
};

}  // namespace

std::unique_ptr<Network> make_spread(const Cluster& cluster, const ClusterSpecification& specification) {
  return std::make_unique<Spread>(cluster, specification);
}

}  // namespace plenum::topology
