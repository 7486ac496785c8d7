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
  for (const auto& cable : graph.cables) {
    adjacent[static_cast<std::size_t>(cable.a)].push_back(cable.b);
    adjacent[static_cast<std::size_t>(cable.b)].push_back(cable.a);
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

/// Sum of the shortest ways from one switch to all others.
std::int64_t distances_from(std::int64_t start, const SwitchGraph& graph) {
  const auto adjacent = adjacency(graph);
  std::vector<std::int64_t> distance(adjacent.size(), -1);
  distance[static_cast<std::size_t>(start)] = 0;
  std::queue<std::int64_t> queue({start});
  for (; !queue.empty(); queue.pop())
    for (const auto next : adjacent[static_cast<std::size_t>(queue.front())])
      if (distance[static_cast<std::size_t>(next)] < 0) {
        distance[static_cast<std::size_t>(next)] = distance[static_cast<std::size_t>(queue.front())] + 1;
        queue.push(next);
      }
  return std::accumulate(distance.begin(), distance.end(), std::int64_t{0});
}

// A ring of even n has distances that sum to n^2/4, so k x k x 2k sums to 2k^3 (k/4 + k/4 + k/2). The twist keeps every
// switch like every other and shortens ways: k x k x 2k has a diameter of 2k, twisted of 3k/2 (Camara et al., 2010).
TEST(Torus, TwistedHasAsManyCablesAndShorterWays) {
  for (const std::int64_t k : {4, 6}) {
    const auto straight = product({k, k, 2 * k}, Dimension::ring, 1), twisted = twisted_torus({k, k, 2 * k}, 1);
    EXPECT_EQ(cables(twisted), 3 * 2 * k * k * k);
    EXPECT_THAT(degrees(twisted), ::testing::Each(6u));
    EXPECT_EQ(diameter(straight), 2 * k);
    EXPECT_EQ(diameter(twisted), 3 * k / 2);
    EXPECT_EQ(distances_from(0, straight), 2 * k * k * k * k);
    const auto sum = distances_from(0, twisted);
    EXPECT_LT(sum, 2 * k * k * k * k);
    for (std::int64_t s = 1; s < twisted.leaves; s += 7) EXPECT_EQ(distances_from(s, twisted), sum);
  }
  EXPECT_TRUE(has_twisted_torus({8, 4, 4}));
  EXPECT_FALSE(has_twisted_torus({4, 8, 8}));
}

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

TEST(Product, MixesKindsAndAddsSwitches) {
  const auto graph = product({{Dimension::ring, 4}, {Dimension::switched, 3}, {Dimension::full, 2}}, 1);
  EXPECT_EQ(graph.leaves, 24);
  EXPECT_EQ(graph.spines, 8);              // one for each line of three
  EXPECT_EQ(cables(graph), 24 + 24 + 12);  // a ring cable and an uplink per place, one per pair
  EXPECT_EQ(diameter(graph), 2 + 2 + 1);
}

TEST(HammingMesh, HasBoardsThatAreMeshesAndASwitchPerLine) {
  const std::int64_t a = 2, b = 3, columns = 4, rows = 5;
  const auto graph = hamming_mesh({a, b, columns, rows}, 1, 64);
  EXPECT_EQ(graph.leaves, a * b * columns * rows);
  EXPECT_EQ(graph.spines, b * rows + a * columns);
  const auto boards = columns * rows;
  EXPECT_EQ(cables(graph), boards * (b * (a - 1) + a * (b - 1)) + boards * 2 * (a + b));
  EXPECT_GT(diameter(graph), 0);
}

// 32 boards with 4 cables each into their row: 8 of them at each leaf of 64 ports, 32 uplinks of 4 leaves on 2 spines.
TEST(HammingMesh, StacksSwitchesWhereARowHasMoreCablesThanPorts) {
  const auto row = row_switches(32, 2, 64);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->leaves, 4);
  EXPECT_EQ(row->boards_per_leaf, 8);
  EXPECT_EQ(row->spines, 2);
  EXPECT_EQ(row->cables_between, 16);
  EXPECT_EQ(row_switches(16, 2, 64)->leaves, 1);
  EXPECT_FALSE(row_switches(1000, 2, 16));
  EXPECT_FALSE(row_switches(8, 4, 8));

  const auto graph = hamming_mesh({2, 2, 32, 4}, 2, 64);
  const std::int64_t rows = 2 * 4, columns = 2 * 32;  // of places
  EXPECT_EQ(graph.leaves, rows * columns);
  EXPECT_EQ(graph.spines, rows * (4 + 2) + columns);
  EXPECT_EQ(cables(graph), 2 * (32 * 4) * (2 * 1 + 2 * 1 + 2 * (2 + 2)) + rows * 4 * 32);
  std::vector<std::int64_t> ports(static_cast<std::size_t>(graph.switches()));
  for (const auto& cable : graph.cables)
    for (const auto end : {cable.a, cable.b}) ports[static_cast<std::size_t>(end)] += cable.count;
  EXPECT_LE(*std::max_element(ports.begin() + graph.leaves, ports.end()), 64);
  EXPECT_GT(diameter(graph), 0);
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
    case FabricKind::product:
      g.product = {{Dimension::ring, 3}, {Dimension::switched, 4}, {Dimension::full, 2}}, c.nodes = 24;
      break;
    case FabricKind::hamming_mesh:
      g.dimensions = {2, 2, 3, 2}, c.nodes = 24;
      break;
    case FabricKind::custom:
      g.switches = 6, g.links = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0, 2, BytesPerSecond(25e9)}}, c.nodes = 6;
      break;
    default:
      g.dimensions = {3, 4, 2}, c.nodes = 24;
  }
  return c;
}

constexpr std::array kinds{FabricKind::multi_plane, FabricKind::torus,     FabricKind::mesh,
                           FabricKind::hyperx,      FabricKind::dragonfly, FabricKind::dragonfly_plus,
                           FabricKind::slim_fly,    FabricKind::product,   FabricKind::hamming_mesh,
                           FabricKind::custom};

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
      if (c.fabric.routing == RoutingKind::ideal || c.fabric.routing == RoutingKind::valiant_packets)
        continue;  // no single way
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

/// What is left of a cluster connects whom it connected, and no route takes what has failed.
void expect_ways_around(const ClusterSpecification& c) {
  const auto problems = check(c);
  ASSERT_TRUE(problems.empty()) << problems.front().message;
  const auto cluster = build(c);
  const auto network = make_network(cluster, c);
  for (std::uint32_t to = 1; to < cluster.gpus.size(); ++to) {
    std::vector<std::uint32_t> channels;
    network->route(0, to, to, channels);
    EXPECT_TRUE(leads(cluster, 0, to, channels)) << to;
  }
}

TEST(Failures, BrokenCablesAndSwitchesAreGoneRound) {
  auto torus = cluster_of(FabricKind::torus);
  torus.fabric.routing = RoutingKind::dimension_order;
  torus.degraded_links = {{"leaf 0", "leaf 1", 0}, {"leaf 0", "leaf 2", 0}};
  expect_ways_around(torus);
  ClusterSpecification tree;
  tree.nodes = 16;
  tree.fabric.nodes_per_leaf_group = 4;
  tree.fabric.spines_per_pod = 4;
  for (const auto routing : {RoutingKind::spread, RoutingKind::ecmp, RoutingKind::destination}) {
    tree.fabric.routing = routing;
    tree.failed_switches = {"spine 1"};
    tree.degraded_links = {{"leaf 0", "spine 0", 0}};
    expect_ways_around(tree);
    tree.degraded_links = {{"nic 0", "leaf 0", 0}};  // GPU 0 sends through a neighbour's NIC
    expect_ways_around(tree);
    EXPECT_EQ(count(build(tree)).leaf_spine_cables, 32 * 3);
  }
}

TEST(Failures, NamesAndFactorsAreChecked) {
  auto c = cluster_of(FabricKind::torus);
  c.failed_switches = {"spine 3"};
  EXPECT_EQ(check(c).front().pointer, "/failed_switches/0");
  c.failed_switches = {"nic 3"};
  EXPECT_EQ(check(c).front().pointer, "/failed_switches/0");
  c.failed_switches.clear();
  c.degraded_links = {{"leaf 0", "leaf 1", 1e-9}};
  EXPECT_EQ(check(c).front().pointer, "/degraded_links/0/factor");
}

TEST(Nodes, MayDifferInRatesAndInHowTheirGpusMeet) {
  ClusterSpecification c;
  c.nodes = 4;
  c.node.gpus = c.node.nics = 4;
  c.node.interconnect = Interconnect::bridged_pairs;
  c.other_nodes = {{.first = 2, .count = 2, .preset = {}, .gpu = {}, .nic = BytesPerSecond(25e9)}};
  ASSERT_TRUE(check(c).empty());
  const auto cluster = build(c);
  const auto network = make_network(cluster, c);
  const auto rates = [&](std::uint32_t from, std::uint32_t to) {
    std::vector<std::uint32_t> channels;
    network->route(from, to, 0, channels);
    EXPECT_TRUE(leads(cluster, from, to, channels));
    std::vector<double> found;
    for (const auto channel : channels) found.push_back(network->channel(channel).bandwidth.value());
    return found;
  };
  EXPECT_THAT(rates(0, 1), ::testing::ElementsAre(450e9));
  EXPECT_THAT(rates(1, 2), ::testing::ElementsAre(63e9, 63e9));
  EXPECT_THAT(rates(0, 4), ::testing::ElementsAre(63e9, 50e9, 50e9, 63e9));
  EXPECT_THAT(rates(0, 8), ::testing::ElementsAre(63e9, 50e9, 25e9, 63e9));
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
  c = cluster_of(FabricKind::torus);
  c.fabric.graph.cube = {2, 2, 2};
  EXPECT_EQ(check(c).front().pointer, "/fabric/graph/dimensions");  // 3 is no multiple of 2
  c.fabric.graph.cube = {2, 2};
  EXPECT_EQ(check(c).front().pointer, "/fabric/graph/cube");
  c.fabric.graph.cube = {};
  c.fabric.graph.twisted = true;
  EXPECT_EQ(check(c).front().pointer, "/fabric/graph/twisted");
  c = cluster_of(FabricKind::hamming_mesh);
  c.fabric.switch_ports = 2;
  EXPECT_EQ(check(c).front().pointer, "/fabric/switch_ports");
}

}  // namespace
}  // namespace plenum::topology
