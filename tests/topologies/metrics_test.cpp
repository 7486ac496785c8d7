// Bisections, distances and materials of fabrics whose numbers are known in closed form.
#include "topologies/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>
#include <tuple>

#include "topologies/clusters.hpp"
#include "topologies/export.hpp"
#include "topologies/materials.hpp"
#include "topologies/motif.hpp"
#include "topologies/picture.hpp"

namespace plenum::topology {
namespace {

constexpr double rate = 50e9;

ClusterSpecification torus(std::vector<std::int64_t> dimensions) {
  ClusterSpecification c;
  c.node.gpus = c.node.nics = 1;
  c.fabric.kind = FabricKind::torus;
  c.nodes = 1;
  for (const auto size : dimensions) c.nodes *= size;
  c.fabric.graph.dimensions = std::move(dimensions);
  return c;
}

// Two cuts across the longest dimension of a torus, a cable per switch of the layer each; here NICs inject more.
TEST(Metrics, BisectionOfATorusIsTwoLayersOfCables) {
  for (const std::vector<std::int64_t>& sizes : {std::vector<std::int64_t>{4, 8}, {8, 4}, {2, 8, 2}, {3, 8, 1}}) {
    const auto turned = torus(sizes);
    const double lines = static_cast<double>(turned.nodes) / 8;
    EXPECT_NEAR(analyze(build(turned), turned).bisection.value(), 2 * lines * rate, 1);
  }
  const auto c = torus({4, 8});
  const auto m = analyze(build(c), c);
  EXPECT_NEAR(m.bisection.value(), 2 * 4 * rate, 1);
  EXPECT_EQ(m.switches, 32);
  EXPECT_EQ(m.switch_cables, 64);
  EXPECT_EQ(m.diameter, 1 + 2 + 4);
  EXPECT_NEAR(m.path_diversity, 4, 1e-9);
}

TEST(Metrics, AFullFatTreeHasFullBisectionAndSurvivesASpine) {
  const auto c = k_ary(8, 2);  // 32 hosts, 8 leaves, 4 spines
  const auto m = analyze(build(c), c);
  EXPECT_NEAR(m.bisection.value(), 16 * c.node.nic.value(), 1);
  EXPECT_NEAR(m.injection.value(), 32 * c.node.nic.value(), 1);
  EXPECT_EQ(m.diameter, 3);
  for (const auto& failure : m.failures)
    if (failure.what == "spine 0") {
      EXPECT_FALSE(failure.cuts_off);
      EXPECT_NEAR(failure.bisection.value(), m.bisection.value() * 3 / 4, 1);
    }
}

const Failure* failure_of(const FabricMetrics& metrics, const std::string& what) {
  const auto found = std::ranges::find(metrics.failures, what, &Failure::what);
  return found == metrics.failures.end() ? nullptr : &*found;
}

// A GPU behind one NIC is lost with its leaf or cable; behind an NVSwitch, or with a second port, it finds another way.
TEST(Metrics, OnlyGpusWithoutAnotherWayAreCutOff) {
  const auto single = k_ary(8, 2);
  const auto alone = analyze(build(single), single);
  ASSERT_NE(failure_of(alone, "leaf 0"), nullptr);
  EXPECT_TRUE(failure_of(alone, "leaf 0")->cuts_off);
  EXPECT_EQ(failure_of(alone, "leaf 0")->nics, 4);
  ASSERT_NE(failure_of(alone, "nic 0 - leaf 0"), nullptr);
  EXPECT_TRUE(failure_of(alone, "nic 0 - leaf 0")->cuts_off);
  EXPECT_FALSE(failure_of(alone, "leaf 0 - spine 0")->cuts_off);

  ClusterSpecification rails;
  rails.nodes = 8;
  rails.fabric.nodes_per_leaf_group = 4;
  const auto joined = analyze(build(rails), rails);
  EXPECT_FALSE(failure_of(joined, "leaf 0")->cuts_off);
  EXPECT_EQ(failure_of(joined, "leaf 0")->nics, 4);
  EXPECT_NEAR(failure_of(joined, "nic 0 - leaf 0")->bisection.value(), joined.bisection.value() - rate, 1);
  EXPECT_EQ(failure_of(joined, "nic 0 - leaf 0")->alike, 64);  // in either half of the nodes

  auto planes = single;
  planes.fabric.kind = FabricKind::multi_plane;
  planes.fabric.graph.spines = 2;
  planes.fabric.graph.nodes_per_switch = 4;
  ASSERT_TRUE(check(planes).empty());
  const auto dual = analyze(build(planes), planes);
  EXPECT_FALSE(failure_of(dual, "leaf 0")->cuts_off);
  EXPECT_EQ(failure_of(dual, "leaf 0")->nics, 0);
  EXPECT_GT(dual.path_diversity, 0);
}

// Every cable and switch of a graph without many alike is counted once, and what costs the same is told once.
TEST(Metrics, FailuresOfOneKindAndCostAreOne) {
  ClusterSpecification c;
  c.nodes = 128;
  c.node.gpus = c.node.nics = 1;
  c.fabric.kind = FabricKind::dragonfly;
  c.fabric.graph.groups = 8;
  c.fabric.graph.switches_per_group = 8;
  c.fabric.graph.nodes_per_switch = 2;
  ASSERT_TRUE(check(c).empty());
  const auto m = analyze(build(c), c);
  std::int64_t counted = m.failures_not_tried;
  std::set<std::tuple<std::string, double, std::int64_t, bool>> told;
  const auto kinds = [](const Failure& f) {
    std::string letters;
    std::ranges::copy_if(f.what, std::back_inserter(letters), [](char c) { return c < '0' || c > '9'; });
    return letters;
  };
  for (const auto& failure : m.failures) {
    counted += failure.alike;
    EXPECT_TRUE(told.emplace(kinds(failure), failure.bisection.value(), failure.nics, failure.cuts_off).second)
        << failure.what;
    EXPECT_LE(failure.bisection, m.bisection);
  }
  EXPECT_EQ(counted, m.switches + m.switch_cables + m.nic_cables);
  EXPECT_EQ(kinds(m.failures.front()), "leaf ");  // a switch takes its NICs along
  EXPECT_LT(m.failures.front().bisection, m.bisection);
}

TEST(Metrics, TheFabricBoundsNothingInsideOneDomain) {
  ClusterSpecification c;
  const auto node = analyze(build(c), c);
  EXPECT_TRUE(node.one_domain);
  c.nodes = 18;
  c.node.nvlink_domain_nodes = 18;
  EXPECT_TRUE(analyze(build(c), c).one_domain);
  c.node.nvlink_domain_nodes = 9;
  EXPECT_FALSE(analyze(build(c), c).one_domain);
}

TEST(Materials, CountWhatIsWired) {
  const auto c = k_ary(8, 2);
  const auto bill = bill_of_materials(build(c), c);
  ASSERT_EQ(bill.lines.size(), 4u);
  EXPECT_EQ(bill.lines[0].count, 8);
  EXPECT_EQ(bill.lines[1].count, 4);
  EXPECT_EQ(bill.lines[2].count, 32);
  EXPECT_EQ(bill.lines[3].count, 32);
  EXPECT_GT(bill.price(), Dollars(0));
}

TEST(Materials, CountNvswitchesInTheNodesPrice) {
  ClusterSpecification c;
  c.nodes = 4;
  const auto bill = bill_of_materials(build(c), c);
  EXPECT_EQ(bill.lines.back().count, 4 * 4);
  EXPECT_TRUE(bill.lines.back().in_nodes);
  EXPECT_EQ(bill.lines.back().price, Dollars(0));
  EXPECT_TRUE(bill.complete());
  c.node.interconnect = Interconnect::pcie;
  EXPECT_FALSE(bill_of_materials(build(c), c).lines.back().in_nodes);
}

// TPU v4 (N. Jouppi et al., ISCA 2023): 64 cubes of 4 x 4 x 4 chips make 4,096; 48 circuit switches with 128 ports in
// use; 96 of a cube's cables leave it.
TEST(Materials, ATorusOfCubesHasCircuitSwitches) {
  auto c = torus({16, 16, 16});
  c.fabric.graph.cube = {4, 4, 4};
  c.fabric.graph.in_nodes = true;
  ASSERT_TRUE(check(c).empty());
  const auto bill = bill_of_materials(build(c), c);
  ASSERT_EQ(bill.lines.size(), 3u);
  EXPECT_EQ(bill.lines[0].count, 64 * 96 / 2);         // between cubes
  EXPECT_EQ(bill.lines[1].count, 64 * 3 * 4 * 4 * 3);  // inside: three cables on each of 16 lines in 3 directions
  EXPECT_EQ(bill.lines[0].count + bill.lines[1].count, 3 * 4096);
  EXPECT_EQ(bill.lines[2].count, 48);
  EXPECT_NE(bill.lines[2].what.find("128 ports"), std::string::npos);
  EXPECT_FALSE(bill.lines[2].published);
  EXPECT_FALSE(bill.complete());
  // Every switch is a chip's: nothing but cables is bought.
  EXPECT_EQ(analyze(build(c), c).switches, 0);
  EXPECT_EQ(analyze(build(c), c).nic_cables, 0);
}

// Any slice of whole cubes closes its rings through circuits.
TEST(Materials, SlicesOfCubesKeepTheirCounts) {
  for (const std::vector<std::int64_t>& slice :
       {std::vector<std::int64_t>{4, 4, 4}, {4, 4, 8}, {8, 4, 12}, {4, 4, 64}}) {
    auto c = torus(slice);
    c.fabric.graph.cube = {4, 4, 4};
    const auto cubes = c.nodes / 64;
    const auto bill = bill_of_materials(build(c), c);
    ASSERT_EQ(bill.lines.size(), 5u);
    EXPECT_EQ(bill.lines[2].count, cubes * 48);
    EXPECT_EQ(bill.lines[3].count, cubes * 144);
    EXPECT_EQ(bill.lines[4].count, 48);
  }
  auto twisted = torus({4, 4, 8});
  twisted.fabric.graph.cube = {4, 4, 4};
  twisted.fabric.graph.twisted = true;
  EXPECT_EQ(bill_of_materials(build(twisted), twisted).lines[2].count, 2 * 48);
}

// Nodes 2 and 3 inject a quarter of what the others do: collectives wait for them.
TEST(Metrics, BoundsOfAMixedClusterAreThoseOfItsSlowestNodes) {
  ClusterSpecification c;
  c.nodes = 4;
  c.other_nodes = {{.first = 2, .count = 2, .preset = {}, .gpu = {}, .nic = BytesPerSecond(rate / 4)}};
  const auto m = analyze(build(c), c);
  EXPECT_DOUBLE_EQ(m.injection.value(), (16 + 16 / 4) * rate);
  EXPECT_DOUBLE_EQ(m.all_reduce_bound.value(), 8 * rate / 4);
  EXPECT_DOUBLE_EQ(m.all_to_all_bound.value(), rate / 4);
}

TEST(Metrics, NothingIsReducedAcrossAGap) {
  ClusterSpecification c;
  c.nodes = 4;
  c.fabric.kind = FabricKind::custom;
  c.fabric.graph.switches = 4;
  c.fabric.graph.links = {{.from = 0, .to = 1}, {.from = 2, .to = 3}};
  ASSERT_TRUE(check(c).empty());
  EXPECT_EQ(analyze(build(c), c).all_reduce_bound.value(), 0);
  EXPECT_EQ(analyze(build(c), c).all_to_all_bound.value(), 0);
}

TEST(Export, TellsEveryVertexAndEdge) {
  const auto c = torus({3, 3});
  const auto cluster = build(c);
  std::ostringstream dot, graphml, edges;
  write_dot(cluster, dot);
  write_graphml(cluster, graphml);
  write_edge_list(cluster, edges);
  EXPECT_NE(dot.str().find("\"leaf 0\" -- \"leaf 1\""), std::string::npos);
  EXPECT_NE(graphml.str().find("leaf 8"), std::string::npos);
  EXPECT_NE(edges.str().find("\"nic 8\""), std::string::npos);
  EXPECT_EQ(picture(cluster, c).rfind("<svg", 0), 0u);
}

// A drawing of the same shape has as many switches as its caption says.
TEST(Picture, TellsTheShapeInWordsAndInSmall) {
  const auto switches = [](const std::string& svg) {
    std::size_t count = 0;
    for (auto at = svg.find("<circle"); at != svg.npos; at = svg.find("<circle", at + 1)) ++count;
    return count;
  };
  const auto c = torus({8, 8, 8});
  EXPECT_EQ(switches(picture(build(c), c)), 16u);
  EXPECT_EQ(shape_in_words(c),
            "8 x 8 x 8 switches; in each dimension every line of switches closed to a ring, by a cable");
  ClusterSpecification tree;
  EXPECT_EQ(shape_in_words(tree), "");
  EXPECT_EQ(motif(tree).svg, "");
}

}  // namespace
}  // namespace plenum::topology
