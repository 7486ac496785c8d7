// Counts and diameters of the generators against their closed forms, and routes that lead where they should.
#include "topologies/switch_graph.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <queue>

#include "topologies/routing.hpp"

namespace plenum::topology {
namespace {

std::int64_t cables(const SwitchGraph& graph) {
  std::int64_t sum = 0;
  for (const auto& cable : graph.cables) sum += cable.count;
  return sum;
}

std::vector<std::vector<std::int64_t>> adjacency(const SwitchGraph& graph) {
  std::vector<std::vector<std::int64_t>> adjacent(static_cast<std::size_t>(graph.switches()));
  for (const auto& [a, b, count] : graph.cables) {
    adjacent[static_cast<std::size_t>(a)].push_back(b);
    adjacent[static_cast<std::size_t>(b)].push_back(a);
  }
  return adjacent;
}

/// Longest shortest way between switches; -1 when some are not connected.
std::int64_t diameter(const SwitchGraph& graph) {
  const auto adjacent = adjacency(graph);
  std::int64_t longest = 0;
  for (std::int64_t start = 0; start < graph.switches(); ++start) {
    std::vector<std::int64_t> distance(adjacent.size(), -1);
    distance[static_cast<std::size_t>(start)] = 0;
    std::queue<std::int64_t> queue({start});
    for (; !queue.empty(); queue.pop())
      for (const auto next : adjacent[static_cast<std::size_t>(queue.front())])
        if (distance[static_cast<std::size_t>(next)] < 0) {
          distance[static_cast<std::size_t>(next)] = distance[static_cast<std::size_t>(queue.front())] + 1;
          queue.push(next);
        }
    if (std::ranges::min(distance) < 0) return -1;
    longest = std::max(longest, std::ranges::max(distance));
  }
  return longest;
}

std::vector<std::size_t> degrees(const SwitchGraph& graph) {
  std::vector<std::size_t> found;
  for (const auto& neighbours : adjacency(graph)) found.push_back(neighbours.size());
  return found;
}

TEST(Torus, HasACablePerSwitchAndDimensionAndHalfTheSumAsDiameter) {
  const auto graph = product({4, 6, 8}, Dimension::ring, 1);
  EXPECT_EQ(graph.leaves, 192);
  EXPECT_EQ(cables(graph), 3 * 192);
  EXPECT_EQ(diameter(graph), 2 + 3 + 4);
  EXPECT_THAT(degrees(graph), ::testing::Each(6u));
}

TEST(Torus, OfTwoInADimensionHasOneCableThere) { EXPECT_EQ(cables(product({2, 2}, Dimension::ring, 1)), 4); }

TEST(Mesh, LacksTheWrapAround) {
  const auto graph = product({4, 5}, Dimension::line, 2);
  EXPECT_EQ(cables(graph), 2 * (3 * 5 + 4 * 4));
  EXPECT_EQ(diameter(graph), 3 + 4);
}

TEST(HyperX, IsFullyConnectedInEveryDimension) {
  const auto graph = product({5, 4}, Dimension::full, 1);
  EXPECT_EQ(cables(graph), 4 * 10 + 5 * 6);
  EXPECT_EQ(diameter(graph), 2);
}

TEST(Dragonfly, OfFullSizeJoinsEveryPairOfGroupsOnce) {
  const std::int64_t a = 4, h = 2, groups = a * h + 1;
  const auto graph = dragonfly(groups, a, h, 1);
  EXPECT_EQ(graph.leaves, 36);
  EXPECT_EQ(cables(graph), groups * a * (a - 1) / 2 + groups * (groups - 1) / 2);
  EXPECT_EQ(diameter(graph), 3);
  EXPECT_THAT(degrees(graph), ::testing::Each(static_cast<std::size_t>(a - 1 + h)));
}

TEST(DragonflyPlus, HasNicsAtLeavesAndGlobalCablesAtSpines) {
  const std::int64_t a = 4, h = 2, groups = 9;
  const auto graph = dragonfly_plus(groups, a, h, 1);
  EXPECT_EQ(graph.leaves, 36);
  EXPECT_EQ(graph.spines, 36);
  EXPECT_EQ(cables(graph), groups * a * a + groups * (groups - 1) / 2);
  // A spine reaches all groups over its neighbours: leaf, spine, spine, leaf at least, two more at most.
  EXPECT_LE(diameter(graph), 7);
}

TEST(SlimFly, HasTwoQSquaredSwitchesAndDiameterTwo) {
  for (const std::int64_t q : {5, 13}) {
    const auto graph = slim_fly(q, 1);
    EXPECT_EQ(graph.leaves, 2 * q * q);
    EXPECT_THAT(degrees(graph), ::testing::Each(static_cast<std::size_t>((3 * q - 1) / 2)));
    EXPECT_EQ(diameter(graph), 2);
  }
  EXPECT_FALSE(has_slim_fly(7));
  EXPECT_FALSE(has_slim_fly(9));
  EXPECT_TRUE(has_slim_fly(17));
}

ClusterSpecification cluster_of(FabricKind kind) {
  ClusterSpecification c;
  c.fabric.kind = kind;
  c.node.gpus = c.node.nics = 4;
  auto& g = c.fabric.graph;
  switch (kind) {
    case FabricKind::dragonfly:
    case FabricKind::dragonfly_plus:
      g.groups = 5, g.switches_per_group = 4, c.nodes = 20;
      break;
    case FabricKind::slim_fly:
      g.dimensions = {5}, c.nodes = 50;
      break;
    case FabricKind::multi_plane:
      g.nodes_per_switch = 8, g.spines = 4, c.nodes = 24;
      break;
    default:
      g.dimensions = {3, 4, 2}, c.nodes = 24;
  }
  return c;
}

constexpr std::array kinds{FabricKind::multi_plane, FabricKind::torus,          FabricKind::mesh,    FabricKind::hyperx,
                           FabricKind::dragonfly,   FabricKind::dragonfly_plus, FabricKind::slim_fly};

/// Follows the channels from GPU to GPU.
bool leads(const Cluster& cluster, std::uint32_t from, std::uint32_t to, const std::vector<std::uint32_t>& channels) {
  auto at = cluster.gpus[from];
  for (const auto channel : channels) {
    const auto edge = edge_from_index(channel, cluster.graph);
    if (source(edge, cluster.graph) != at) return false;
    at = target(edge, cluster.graph);
  }
  return at == cluster.gpus[to];
}

TEST(GraphNetwork, LeadsFromEveryGpuToEveryOtherByEveryPolicy) {
  for (const auto kind : kinds)
    for (std::size_t r = 0; r < names_of(RoutingKind{}).size(); ++r) {
      auto c = cluster_of(kind);
      c.fabric.routing = static_cast<RoutingKind>(r);
      const auto problems = check(c);
      if (c.fabric.routing == RoutingKind::dimension_order && !problems.empty()) continue;
      ASSERT_TRUE(problems.empty()) << problems.front().message;
      const auto cluster = build(c);
      const auto network = make_network(cluster, c);
      for (std::uint32_t to = 1; to < cluster.gpus.size(); to += 3) {
        std::vector<std::uint32_t> channels;
        network->route(0, to, to, channels);
        EXPECT_TRUE(leads(cluster, 0, to, channels)) << names_of(kind)[static_cast<std::size_t>(kind)];
      }
    }
}

TEST(GraphNetwork, MinimalPoliciesTakeShortestWaysAndDimensionsInOrder) {
  auto c = cluster_of(FabricKind::torus);
  for (const auto routing :
       {RoutingKind::spread, RoutingKind::ecmp, RoutingKind::destination, RoutingKind::dimension_order}) {
    c.fabric.routing = routing;
    const auto cluster = build(c);
    std::vector<std::uint32_t> channels;
    // Node 0 is (0,0,0), node 23 is (2,3,1): one step back, one step back, one step.
    make_network(cluster, c)->route(0, 23 * 4, 0, channels);
    EXPECT_EQ(channels.size(), 4u + 3u);
    if (routing != RoutingKind::dimension_order) continue;
    const auto second = edge_from_index(channels[3], cluster.graph);
    EXPECT_EQ(cluster.graph[source(second, cluster.graph)].index, 2u);       // (2,0,0)
    EXPECT_EQ(cluster.graph[target(second, cluster.graph)].index, 2u + 9u);  // (2,3,0)
  }
}

// From switch 0 to switch 1 of a fully connected fabric there is one cable; Valiant and UGAL go round it when it is
// full.
TEST(GraphNetwork, UgalGoesRoundALoadedCable) {
  auto c = cluster_of(FabricKind::hyperx);
  c.fabric.graph.dimensions = {8};
  c.nodes = 8;
  const auto most_used = [&](RoutingKind routing) {
    c.fabric.routing = routing;
    const auto cluster = build(c);
    const auto network = make_network(cluster, c);
    std::vector<int> uses(network->channel_count());
    for (std::uint64_t label = 0; label < 60; ++label) {
      std::vector<std::uint32_t> channels;
      network->route(0, 4, label, channels);
      for (std::size_t i = 2; i + 2 < channels.size(); ++i) ++uses[channels[i]];
    }
    return std::ranges::max(uses);
  };
  EXPECT_EQ(most_used(RoutingKind::destination), 60);
  EXPECT_LT(most_used(RoutingKind::ugal), 40);
}

TEST(SwitchGraph, RefusesWhatCantBeBuilt) {
  auto c = cluster_of(FabricKind::torus);
  c.nodes = 25;
  EXPECT_EQ(check(c).front().pointer, "/nodes");
  c.fabric.graph.dimensions.clear();
  EXPECT_EQ(check(c).front().pointer, "/fabric/graph/dimensions");
  c = cluster_of(FabricKind::dragonfly);
  c.fabric.graph.groups = 50;
  EXPECT_EQ(check(c).front().pointer, "/fabric/graph/global_cables");
  c = cluster_of(FabricKind::slim_fly);
  c.fabric.routing = RoutingKind::dimension_order;
  EXPECT_EQ(check(c).front().pointer, "/fabric/routing");
}

}  // namespace
}  // namespace plenum::topology
