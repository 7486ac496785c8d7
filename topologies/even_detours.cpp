// Betweenness of cables by U. Brandes, "A faster algorithm for betweenness centrality" (2001), between leaves only.
#include "topologies/even_detours.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "topologies/switch_hops.hpp"

namespace plenum::topology {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

class Betweenness {
 public:
  explicit Betweenness(const Cluster& cluster)
      : cluster_(cluster),
        leaves_(static_cast<std::size_t>(cluster.numbers.count(VertexKind::leaf))),
        hops_(switch_hops(cluster)),
        load_(num_edges(cluster.graph)) {}

  EvenDetours detours() {
    EvenDetours found;
    double distance = 0;
    for (std::size_t leaf = 0; leaf < leaves_; ++leaf) {
      search(leaf);
      const auto reached = std::ranges::count_if(order_, [&](auto s) { return s < leaves_; });
      distance += spread(1 / static_cast<double>(reached)) / static_cast<double>(leaves_);
      double most = unlimited;
      for (const auto& hop : hops_[leaf])
        if (distance_[hop.to] == 1) most = std::min(most, bandwidth(hop.edge) / carried(leaf, hop));
      found.from.emplace_back(most);
    }
    double most = unlimited;
    for (std::size_t edge = 0; edge < load_.size(); ++edge)
      if (load_[edge] > 0) most = std::min(most, bandwidth(edge) / (2 * load_[edge]));
    found.hops = std::max<std::int64_t>(1, std::llround(2 * distance));
    found.all = BytesPerSecond(most * static_cast<double>(leaves_));
    return found;
  }

 private:
  static constexpr std::uint32_t unreached = std::numeric_limits<std::uint32_t>::max();

  /// Breadth first: the order of visits, distances and numbers of shortest ways.
  void search(std::size_t start) {
    distance_.assign(hops_.size(), unreached);
    ways_.assign(hops_.size(), 0);
    order_.assign(1, start);
    distance_[start] = 0, ways_[start] = 1;
    for (std::size_t head = 0; head < order_.size(); ++head) {
      const auto at = order_[head];
      for (const auto& hop : hops_[at]) {
        if (distance_[hop.to] == unreached) {
          distance_[hop.to] = distance_[at] + 1;
          order_.push_back(hop.to);
        }
        if (distance_[hop.to] == distance_[at] + 1) ways_[hop.to] += ways_[at];
      }
    }
  }

  /// Adds what cables carry when `part` goes to every leaf that was reached; the mean distance of these.
  double spread(double part) {
    double distance = 0;
    passing_.assign(hops_.size(), 0);
    for (auto at = order_.rbegin(); at != order_.rend(); ++at) {
      if (*at < leaves_) passing_[*at] += part, distance += part * distance_[*at];
      for (const auto& hop : hops_[*at])  // cables lead both ways: these are the cables that lead here
        if (distance_[hop.to] + 1 == distance_[*at]) passing_[hop.to] += passing_[*at] * ways_[hop.to] / ways_[*at];
      for (const auto& hop : hops_[*at])
        if (distance_[hop.to] == distance_[*at] + 1) load_[hop.edge] += carried(*at, hop);
    }
    return distance;
  }

  double carried(std::size_t at, const SwitchHop& hop) const { return passing_[hop.to] * ways_[at] / ways_[hop.to]; }

  double bandwidth(std::size_t edge) const {
    return cluster_.graph[edge_from_index(static_cast<std::uint32_t>(edge), cluster_.graph)].bandwidth.value();
  }

  const Cluster& cluster_;
  const std::size_t leaves_;
  const std::vector<std::vector<SwitchHop>> hops_;  ///< by switch
  std::vector<double> load_;                        ///< by edge, per unit that every leaf sends
  std::vector<std::uint32_t> distance_;
  std::vector<double> ways_, passing_;  ///< by switch
  std::vector<std::size_t> order_;
};

}  // namespace

EvenDetours even_detours(const Cluster& cluster) { return Betweenness(cluster).detours(); }

}  // namespace plenum::topology
