// Do routes lead where they should, over the channels that they should?
#include "topologies/routing.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "topologies/clusters.hpp"
#include "topologies/fat_tree_shape.hpp"

namespace plenum::topology {
namespace {

struct Routed {
  ClusterSpecification specification;
  Cluster cluster;
  std::unique_ptr<Network> network;

  explicit Routed(const ClusterSpecification& s)
      : specification(s), cluster(build(s)), network(make_network(cluster, specification)) {}

  std::vector<std::uint32_t> route(std::uint32_t from, std::uint32_t to, std::uint64_t label = 0) const {
    std::vector<std::uint32_t> channels;
    network->route(from, to, label, channels);
    return channels;
  }
  std::vector<std::string> names(std::uint32_t from, std::uint32_t to) const {
    std::vector<std::string> names;
    for (const std::uint32_t id : route(from, to)) names.push_back(network->channel_name(id));
    return names;
  }
  std::uint32_t find(const std::string& name) const {
    for (std::uint32_t id = 0; id < network->channel_count(); ++id) {
      if (network->channel_name(id) == name) return id;
    }
    ADD_FAILURE() << "no channel \"" << name << '"';
    return 0;
  }
  double bandwidth(const std::string& name) const { return network->channel(find(name)).bandwidth.value(); }
};

/// The step that a channel is, in words: edges by their ends, bundles by theirs.
std::pair<std::string, std::string> ends_of(const std::string& channel) {
  const auto arrow = channel.find(" -> ");
  return {channel.substr(0, arrow), channel.substr(arrow + 4, channel.find(" (") - arrow - 4)};
}

/// "spines of pod 2" and "pod 2" are the same place, so are all cores.
std::string place(const std::string& end) { return end.starts_with("spines of ") ? end.substr(10) : end; }

void is_a_path(std::uint32_t from, std::uint32_t to, const std::vector<std::string>& steps) {
  std::string at = fmt::format("gpu {}", from);
  for (const std::string& step : steps) {
    const auto [start, end] = ends_of(step);
    RC_ASSERT(place(start) == at);
    at = place(end);
  }
  RC_ASSERT(at == fmt::format("gpu {}", to));
  RC_ASSERT(std::set<std::string>(steps.begin(), steps.end()).size() == steps.size());
}

TEST(Routing, EveryPairOfGpusHasAPathInEveryCluster) {
  std::map<std::int64_t, int> seen;
  EXPECT_TRUE(rc::check([&seen] {
    const ClusterSpecification specification = arbitrary_cluster();
    RC_PRE(check(specification).empty());
    ++seen[fat_tree_shape(specification).shape.levels];
    const Routed r(specification);
    const auto gpus = static_cast<std::uint32_t>(r.cluster.gpus.size());
    const auto stride = std::max(1U, gpus / 16);  // of the sources; destinations are all visited
    for (std::uint32_t from = 0; from < gpus; from += stride) {
      for (std::uint32_t to = 0; to < gpus; ++to) {
        if (from != to) is_a_path(from, to, r.names(from, to));
      }
    }
  }));
  for (const std::int64_t levels : {1, 2, 3}) EXPECT_GT(seen[levels], 5) << levels;
}

TEST(Routing, ChannelsOfACableAreTheGraphsEdges) {
  EXPECT_TRUE(rc::check([] {
    const ClusterSpecification specification = arbitrary_cluster();
    RC_PRE(check(specification).empty());
    const Routed r(specification);
    const Graph& graph = r.cluster.graph;
    RC_ASSERT(r.network->channel_count() >= num_edges(graph));
    for (const EdgeId e : boost::make_iterator_range(edges(graph))) {
      const std::uint32_t id = get(boost::edge_index, graph, e);
      RC_ASSERT(r.network->channel(id).bandwidth == graph[e].bandwidth);
      const auto [from, to] = ends_of(r.network->channel_name(id));
      RC_ASSERT(from == name_of(graph[source(e, graph)]));
      RC_ASSERT(to == name_of(graph[target(e, graph)]));
    }
  }));
}

TEST(Routing, BundlesHoldEveryCableBetweenSwitchesOnce) {
  EXPECT_TRUE(rc::check([] {
    ClusterSpecification specification = arbitrary_cluster();
    specification.fabric.routing = RoutingKind::spread;
    RC_PRE(check(specification).empty());
    const Routed r(specification);
    double bandwidth = 0, of_cables = 0;
    std::int64_t cables = 0;
    for (auto id = num_edges(r.cluster.graph); id < r.network->channel_count(); ++id) {
      bandwidth += r.network->channel(id).bandwidth.value();
      cables += r.network->channel(id).cables;
    }
    for (const EdgeId e : boost::make_iterator_range(edges(r.cluster.graph))) {
      const auto from = r.cluster.graph[source(e, r.cluster.graph)].kind,
                 to = r.cluster.graph[target(e, r.cluster.graph)].kind;
      if (from >= VertexKind::leaf && to >= VertexKind::leaf) of_cables += r.cluster.graph[e].bandwidth.value();
    }
    const Counts c = count(r.cluster);
    RC_ASSERT(cables == 2 * (c.leaf_spine_cables + c.spine_core_cables));
    RC_ASSERT(bandwidth == of_cables);  // equal whole numbers of bytes per second: exact in doubles
  }));
}

ClusterSpecification superpod() {
  ClusterSpecification c;
  c.nodes = 127;
  c.fabric.nodes_per_leaf_group = 32;
  return c;
}

TEST(Routing, InsideANodeOverNvlink) {
  const Routed r(superpod());
  EXPECT_THAT(r.names(8, 13), testing::ElementsAre("gpu 8 -> nvswitch 1", "nvswitch 1 -> gpu 13"));
}

TEST(Routing, ARailOfAScalableUnitNeedsItsLeafOnly) {
  const Routed r(superpod());
  EXPECT_THAT(r.names(3, 8 * 31 + 3),
              testing::ElementsAre("gpu 3 -> nic 3", "nic 3 -> leaf 3", "leaf 3 -> nic 251", "nic 251 -> gpu 251"));
}

TEST(Routing, RailsMeetInTheSpines) {
  const Routed r(superpod());
  EXPECT_THAT(r.names(0, 8 + 1),
              testing::ElementsAre("gpu 0 -> nic 0", "nic 0 -> leaf 0", "leaf 0 -> spines of pod 0 (32 cables)",
                                   "spines of pod 0 -> leaf 1 (32 cables)", "leaf 1 -> nic 9", "nic 9 -> gpu 9"));
}

ClusterSpecification llama3() {
  ClusterSpecification c;
  c.nodes = 768;
  c.fabric = {.levels = 3,
              .rail_optimized = false,
              .spine_ports = 288,
              .nodes_per_leaf_group = 2,
              .leaf_groups_per_pod = 192,
              .spines_per_pod = 16,
              .spine_oversubscription = 7};
  return c;
}

TEST(Routing, PodsMeetInTheCores) {
  const Routed r(llama3());
  EXPECT_THAT(
      r.names(0, 3072),
      testing::ElementsAre("gpu 0 -> nic 0", "nic 0 -> leaf 0", "leaf 0 -> spines of pod 0 (16 cables)",
                           "spines of pod 0 -> cores (448 cables)", "cores -> spines of pod 1 (448 cables)",
                           "spines of pod 1 -> leaf 192 (16 cables)", "leaf 192 -> nic 3072", "nic 3072 -> gpu 3072"));
  EXPECT_DOUBLE_EQ(r.bandwidth("spines of pod 0 -> cores (448 cables)"), 448 * 50e9);
}

TEST(Routing, APodOfLlama3HasFullBisection) {  // 192 leaves x 16 cables up, 16 down: as much as its NICs bring
  const Routed r(llama3());
  EXPECT_DOUBLE_EQ(r.bandwidth("leaf 7 -> spines of pod 0 (16 cables)"), 16 * 50e9);
}

TEST(Routing, NvlinkDomainsOfSeveralNodesKeepTrafficInside) {
  ClusterSpecification c;
  c.nodes = 36;
  c.node = {.gpus = 4, .nvlink_domain_nodes = 18, .nics = 4};
  const Routed r(c);
  EXPECT_THAT(r.names(0, 71), testing::ElementsAre("gpu 0 -> nvswitch 0", "nvswitch 0 -> gpu 71"));
  EXPECT_THAT(r.names(0, 72), testing::Contains("gpu 0 -> nic 0"));
}

TEST(Routing, RailsWithoutSpinesMeetInTheNode) {
  ClusterSpecification c;
  c.nodes = 16;
  c.fabric.levels = 1;
  const Routed r(c);
  EXPECT_THAT(r.names(0, 8 + 5), testing::ElementsAre("gpu 0 -> nvswitch 0", "nvswitch 0 -> gpu 5", "gpu 5 -> nic 5",
                                                      "nic 5 -> leaf 5", "leaf 5 -> nic 13", "nic 13 -> gpu 13"));
}

TEST(Routing, WithoutFabricOnlyNvlinkIsThere) {
  ClusterSpecification c;
  c.fabric.kind = FabricKind::none;
  const Routed r(c);
  EXPECT_EQ(r.network->channel_count(), 16U);
  EXPECT_THAT(r.names(0, 7), testing::ElementsAre("gpu 0 -> nvswitch 0", "nvswitch 0 -> gpu 7"));
}

TEST(Routing, LatencyOfAPathIsThatOfItsCables) {
  const Routed r(superpod());
  const auto latency = [&](std::uint32_t from, std::uint32_t to) {
    Seconds sum{};
    for (const std::uint32_t id : r.route(from, to)) sum += r.network->channel(id).latency;
    return sum.value();
  };
  EXPECT_DOUBLE_EQ(latency(0, 1), 1e-6);
  EXPECT_DOUBLE_EQ(latency(0, 8), 2 * 0.6e-6);
  EXPECT_DOUBLE_EQ(latency(0, 9), 4 * 0.6e-6);
}

TEST(Routing, ADegradedCableLimitsItsBundleInItsDirection) {
  ClusterSpecification c = superpod();
  c.degraded_links = {{"leaf 3", "spine 0", 0.25}, {"gpu 5", "nvswitch 0", 0.5}, {"nic 2", "leaf 2", 0.1}};
  ASSERT_THAT(check(c), testing::IsEmpty());
  const Routed r(c);
  EXPECT_DOUBLE_EQ(r.bandwidth("leaf 3 -> spines of pod 0 (32 cables)"), 32 * 0.25 * 50e9);
  EXPECT_DOUBLE_EQ(r.bandwidth("spines of pod 0 -> leaf 3 (32 cables)"), 32 * 50e9);
  EXPECT_DOUBLE_EQ(r.bandwidth("leaf 2 -> spines of pod 0 (32 cables)"), 32 * 50e9);
  EXPECT_DOUBLE_EQ(r.bandwidth("gpu 5 -> nvswitch 0"), 225e9);
  EXPECT_DOUBLE_EQ(r.bandwidth("nvswitch 0 -> gpu 5"), 450e9);
  EXPECT_DOUBLE_EQ(r.bandwidth("nic 2 -> leaf 2"), 5e9);
}

TEST(Routing, ADegradedSpineLimitsItsPod) {
  ClusterSpecification c = llama3();
  c.degraded_links = {{"spine 16", "core 0", 0.5}};
  ASSERT_THAT(check(c), testing::IsEmpty());
  const Routed r(c);
  EXPECT_DOUBLE_EQ(r.bandwidth("spines of pod 1 -> cores (448 cables)"), 448 * 25e9);
  EXPECT_DOUBLE_EQ(r.bandwidth("spines of pod 0 -> cores (448 cables)"), 448 * 50e9);
  EXPECT_DOUBLE_EQ(r.bandwidth("cores -> spines of pod 1 (448 cables)"), 448 * 50e9);
}

TEST(Routing, EcmpSpreadsLabelsOverAllPaths) {
  ClusterSpecification c = k_ary(8, 3);
  c.fabric.routing = RoutingKind::ecmp;
  const Routed r(c);
  std::map<std::vector<std::uint32_t>, int> paths;
  constexpr int labels = 16000;
  for (int label = 0; label < labels; ++label) ++paths[r.route(0, 127, static_cast<std::uint64_t>(label))];
  ASSERT_EQ(paths.size(), 16U);  // 4 spines x 4 cores
  for (const auto& [path, count] : paths) EXPECT_NEAR(count, labels / 16, 5 * std::sqrt(labels / 16.0));  // 5 sigma
}

TEST(Routing, EcmpKeepsAFlowOnItsPath) {
  ClusterSpecification c = k_ary(8, 3);
  c.fabric.routing = RoutingKind::ecmp;
  const Routed r(c), again(c);
  for (std::uint64_t label = 0; label < 100; ++label) EXPECT_EQ(r.route(1, 99, label), again.route(1, 99, label));
}

TEST(Routing, DestinationRoutingIsFreeOfConflictsForShifts) {  // in a full non-blocking tree; Zahavi 2012
  ClusterSpecification c = k_ary(8, 3);
  c.fabric.routing = RoutingKind::destination;
  const Routed r(c);
  for (std::uint32_t shift = 1; shift < 128; ++shift) {
    std::vector<int> flows(r.network->channel_count());
    for (std::uint32_t from = 0; from < 128; ++from) {
      for (const std::uint32_t id : r.route(from, (from + shift) % 128)) ++flows[id];
    }
    EXPECT_EQ(std::ranges::max(flows), 1) << shift;
  }
}

TEST(Routing, DestinationRoutingIgnoresTheSourceAboveItsLeaf) {
  ClusterSpecification c = k_ary(8, 2);
  c.fabric.routing = RoutingKind::destination;
  const Routed r(c);
  const auto spine = [&](std::uint32_t from) { return ends_of(r.names(from, 31)[2]).second; };
  for (std::uint32_t from = 0; from < 28; ++from) EXPECT_EQ(spine(from), spine(0));
}

TEST(Routing, ParallelCablesHaveNamesOfTheirOwn) {
  ClusterSpecification c = superpod();
  c.fabric.routing = RoutingKind::ecmp;  // 32 uplinks over 16 spines
  const Routed r(c);
  std::set<std::string> names;
  for (std::uint32_t id = 0; id < r.network->channel_count(); ++id) names.insert(r.network->channel_name(id));
  EXPECT_EQ(names.size(), r.network->channel_count());
  EXPECT_TRUE(names.contains("leaf 0 -> spine 0 (cable 2 of 2)"));
}

}  // namespace
}  // namespace plenum::topology
