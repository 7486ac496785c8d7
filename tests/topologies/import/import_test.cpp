// Foreign files become clusters with the right counts; hostile ones a message with its line.
#include "topologies/import/import.hpp"

#include <gmock/gmock.h>

#include <sstream>

#include "sim/core/files.hpp"
#include "topologies/clusters.hpp"
#include "topologies/export.hpp"
#include "topologies/materials.hpp"
#include "topologies/metrics.hpp"

namespace plenum::topology {
namespace {

using ::testing::HasSubstr;

std::filesystem::path sample(const std::string& name) {
  return std::filesystem::path(PLENUM_TEST_ROOT) / "import" / name;
}

ClusterSpecification read(const std::string& name) {
  Issues issues;
  const auto cluster = import_cluster(sample(name), issues);
  for (const auto& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  return cluster.value_or(ClusterSpecification{});
}

/// The only issue of a text that is refused.
Issue refused(Import import, const std::string& text) {
  Issues issues;
  EXPECT_FALSE(import(text, "hostile", issues).has_value());
  EXPECT_TRUE(issues.has_errors());
  return issues.all().empty() ? Issue{} : issues.all().front();
}

TEST(Import, GraphmlOfSwitchesGetsANodePerSwitch) {
  const auto c = read("graphml/two_nodes.graphml");
  EXPECT_EQ(c.nodes, 3);
  ASSERT_EQ(c.fabric.graph.links.size(), 2u);
  EXPECT_EQ(c.fabric.graph.links[1].count, 2);
  EXPECT_DOUBLE_EQ(c.fabric.graph.links[1].bandwidth.value(), 25e9);
  EXPECT_EQ(analyze(build(c), c).diameter, 3);
}

TEST(Import, GraphvizLabelsCountCables) {
  const auto c = read("graphviz/line.dot");
  ASSERT_EQ(c.fabric.graph.links.size(), 2u);
  EXPECT_EQ(c.fabric.graph.links[0].count, 4);
  EXPECT_DOUBLE_EQ(c.fabric.graph.links[0].bandwidth.value(), 50e9);
  EXPECT_EQ(c.fabric.graph.links[1].count, 1);
  EXPECT_DOUBLE_EQ(c.fabric.graph.links[1].latency.value(), 1e-6);
}

TEST(Import, AnEdgeListNamesGpusAndNics) {
  const auto c = read("edge_list/pair.edges");
  EXPECT_EQ(c.nodes, 2);
  EXPECT_EQ(c.node.gpus, 1);
  EXPECT_DOUBLE_EQ(c.node.nic.value(), 50e9);
  EXPECT_DOUBLE_EQ(c.node.pcie.value(), 63e9);
}

TEST(Import, AstraSimDimensionsAreAProduct) {
  const auto c = read("astra_sim/ring_switch.yml");
  const auto counts = count(build(c));
  EXPECT_EQ(counts.leaf, 32);
  EXPECT_EQ(counts.spine, 4);
  EXPECT_EQ(analyze(build(c), c).switch_cables, 32 + 32);
  EXPECT_DOUBLE_EQ(c.fabric.graph.product[0].bandwidth.value(), 50.0 * (1 << 30));
  EXPECT_DOUBLE_EQ(c.fabric.graph.product[1].latency.value(), 1e-6);
  // An NPU's switch and its way into it are the NPU's own.
  const auto bill = bill_of_materials(build(c), c);
  ASSERT_EQ(bill.lines.size(), 2u);
  EXPECT_EQ(bill.lines[0].count, 4);
  EXPECT_EQ(bill.lines[1].count, 32 + 32);
}

TEST(Import, NcclsTopologyIsANode) {
  const auto c = read("nccl_node/two_h100.xml");
  EXPECT_EQ(c.node.gpus, 2);
  EXPECT_EQ(c.node.nics, 2);
  EXPECT_EQ(c.node.interconnect, Interconnect::nvswitch);
  EXPECT_DOUBLE_EQ(c.node.nvlink.value(), 450e9);
  EXPECT_DOUBLE_EQ(c.node.nic.value(), 50e9);
  EXPECT_NEAR(c.node.pcie.value(), 63e9, 0.1e9);
}

// GPUs that meet over PCIe do so in what is called a host, and stay there when a graph is written and read.
TEST(Import, HostsAndBridgesComeBack) {
  for (const auto interconnect : {Interconnect::pcie, Interconnect::bridged_pairs}) {
    ClusterSpecification c;
    c.nodes = 4;
    c.node.interconnect = interconnect;
    c.node.nvlink = BytesPerSecond(300e9);
    c.node.pcie = BytesPerSecond(30e9);
    std::ostringstream edges;
    write_edge_list(build(c), edges);
    EXPECT_THAT(edges.str(), ::testing::AllOf(HasSubstr("\"host 3\""), ::testing::Not(HasSubstr("nvswitch"))));
    Issues issues;
    const auto read = import_edge_list(edges.str(), "again", issues);
    ASSERT_TRUE(read) << to_string(issues.all().front());
    EXPECT_EQ(read->node.interconnect, interconnect);
    EXPECT_EQ(read->node.pcie, c.node.pcie);
    EXPECT_EQ(read->node.nvlink,
              interconnect == Interconnect::bridged_pairs ? c.node.nvlink : NodeSpecification{}.nvlink);
    EXPECT_EQ(count(build(*read)).node_leaf_cables, count(build(c)).node_leaf_cables);
  }
}

TEST(Import, BridgesJoinPairsInHosts) {
  const auto graph = [](const std::string& middle, const std::string& bridge) {
    return R"({"vertices": ["gpu 0", "gpu 1", "gpu 2", ")" + middle + R"("], "edges": [[0, 3], [1, 3], [2, 3], )" +
           bridge + "]}";
  };
  EXPECT_THAT(refused(import_edge_list, graph("nvswitch 0", "[0, 1]")).message, HasSubstr("a cable between"));
  EXPECT_THAT(refused(import_edge_list, graph("host 0", "[1, 2]")).message, HasSubstr("a cable between"));
  Issues issues;
  EXPECT_TRUE(import_edge_list(graph("host 0", "[0, 1]"), "bridge", issues));
}

TEST(Import, GpusThatHaveAnNvSwitchMeetThere) {
  Issues issues;
  const auto read = import_edge_list(
      R"({"vertices": ["gpu 0", "gpu 1", "host 0", "nvswitch 0"],
          "edges": [[0, 2, 1e9], [1, 2, 1e9], [0, 3, 1e11], [1, 3, 1e11]]})",
      "both", issues);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->node.interconnect, Interconnect::nvswitch);
  EXPECT_EQ(read->node.nvlink, BytesPerSecond(1e11));
}

std::string edges_of(const ClusterSpecification& c) {
  std::ostringstream edges;
  write_edge_list(build(c), edges);
  return edges.str();
}

TEST(Import, NodesAtOtherRatesComeBack) {
  ClusterSpecification c;
  c.nodes = 6;
  c.other_nodes.resize(2);
  c.other_nodes[0].first = 1;
  c.other_nodes[0].count = 2;
  c.other_nodes[0].nvlink = BytesPerSecond(300e9);
  c.other_nodes[0].nic = BytesPerSecond(25e9);
  c.other_nodes[1].first = 4;
  c.other_nodes[1].pcie = BytesPerSecond(31.5e9);
  Issues issues;
  const auto read = import_edge_list(edges_of(c), "again", issues);
  ASSERT_TRUE(read) << to_string(issues.all().front());
  ASSERT_EQ(read->other_nodes.size(), 2u);
  EXPECT_EQ(read->other_nodes[0].first, 1);
  EXPECT_EQ(read->other_nodes[0].count, 2);
  EXPECT_EQ(read->other_nodes[0].nvlink, BytesPerSecond(300e9));
  EXPECT_EQ(read->other_nodes[0].nic, BytesPerSecond(25e9));
  EXPECT_EQ(read->other_nodes[1].first, 4);
  EXPECT_EQ(read->other_nodes[1].pcie, BytesPerSecond(31.5e9));
  EXPECT_EQ(edges_of(*read), edges_of(c));
}

TEST(Import, TheFirstNodeMayBeTheSlowest) {
  ClusterSpecification c;
  c.nodes = 4;
  c.other_nodes.resize(1);
  c.other_nodes[0].count = 2;
  c.other_nodes[0].nic = BytesPerSecond(25e9);
  Issues issues;
  const auto read = import_edge_list(edges_of(c), "again", issues);
  ASSERT_TRUE(read) << to_string(issues.all().front());
  EXPECT_EQ(edges_of(*read), edges_of(c));
}

TEST(Import, EveryGpuStandsInOneNode) {
  const auto message = refused(import_edge_list,
                               R"({"vertices": ["gpu 0", "gpu 1", "host 0", "gpu 2", "gpu 3", "nvswitch 0"],
                                   "edges": [[0, 2], [1, 2], [3, 5], [4, 5]]})")
                           .message;
  EXPECT_THAT(message, HasSubstr("\"gpu 0\" stands in 0 nodes"));
}

TEST(Import, CablesSideBySideAddUpAndAreAlike) {
  const auto pair = [](const std::string& second) {
    return R"({"vertices": ["gpu 0", "gpu 1", "nvswitch 0"],
               "edges": [[0, 2, 2e11], [0, 2, )" +
           second + R"(], [1, 2, 2e11], [1, 2, 2e11]]})";
  };
  Issues issues;
  const auto read = import_edge_list(pair("2e11"), "pair", issues);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->node.nvlink, BytesPerSecond(4e11));
  EXPECT_THAT(refused(import_edge_list, pair("1e11")).message, HasSubstr("cables side by side must be alike"));
}

TEST(Import, LinksOfANodeAreAlike) {
  const auto refusal = refused(import_edge_list,
                               R"({"vertices": ["gpu 0", "gpu 1", "nvswitch 0"],
                                   "edges": [[0, 2, 1e11], [1, 2, 2e11]]})");
  EXPECT_THAT(refusal.message, HasSubstr("\"gpu 1\" and \"nvswitch 0\" are joined at 200"));
  EXPECT_EQ(refusal.where.line, 2);
  EXPECT_THAT(
      refused(import_edge_list,
              R"({"vertices": ["gpu 0", "gpu 1", "host 0", "gpu 2", "gpu 3", "host 1", "nic 0", "nic 1", "leaf 0"],
                          "edges": [[0, 2], [1, 2], [3, 5], [4, 5], [3, 4], [0, 6], [3, 7], [6, 8], [7, 8]]})")
          .message,
      HasSubstr("meet in another way"));
}

TEST(Import, ClustersAreCalledAsTheirFiles) { EXPECT_EQ(read("graphviz/line.dot").name, "line"); }

/// What Plenum writes, Plenum reads.
class RoundTrip : public ::testing::TestWithParam<FabricKind> {};

ClusterSpecification example(FabricKind kind) {
  ClusterSpecification c;
  c.nodes = 8;
  c.node.gpus = 4;
  c.node.nics = 2;
  c.fabric.kind = kind;
  c.fabric.graph.dimensions =
      kind == FabricKind::slim_fly ? std::vector<std::int64_t>{5} : std::vector<std::int64_t>{4, 2};
  c.fabric.graph.groups = 2;
  c.fabric.graph.switches_per_group = 4;
  c.fabric.graph.spines = 2;
  c.fabric.graph.cables = 2;
  return c;
}

TEST_P(RoundTrip, KeepsCountsAndBisection) {
  const auto c = example(GetParam());
  const auto cluster = build(c);
  std::ostringstream graphml, dot, edges;
  write_graphml(cluster, graphml);
  write_dot(cluster, dot);
  write_edge_list(cluster, edges);
  const std::vector<std::pair<Import, std::string>> texts{
      {import_graphml, graphml.str()}, {import_graphviz, dot.str()}, {import_edge_list, edges.str()}};
  const auto before = analyze(cluster, c);
  for (const auto& [import, text] : texts) {
    Issues issues;
    const auto again = import(text, "export", issues);
    ASSERT_TRUE(again.has_value()) << to_string(issues.all().front());
    const auto after = analyze(build(*again), *again);
    EXPECT_EQ(again->nodes, c.nodes);
    EXPECT_EQ(again->node.gpus, c.node.gpus);
    EXPECT_EQ(after.switches, before.switches);
    EXPECT_EQ(after.switch_cables, before.switch_cables);
    EXPECT_EQ(after.nic_cables, before.nic_cables);
    EXPECT_NEAR(after.bisection / before.bisection, 1, 1e-9);
  }
}

INSTANTIATE_TEST_SUITE_P(Fabrics, RoundTrip,
                         ::testing::Values(FabricKind::fat_tree, FabricKind::multi_plane, FabricKind::torus,
                                           FabricKind::hyperx, FabricKind::dragonfly, FabricKind::dragonfly_plus,
                                           FabricKind::slim_fly));

TEST(Hostile, EntitiesAreNeverExpanded) {
  const std::string bomb =
      "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [\n <!ENTITY a \"ha\">\n <!ENTITY b \"&a;&a;&a;&a;\">\n]>\n"
      "<graphml>&b;</graphml>";
  for (const auto import : {import_graphml, import_nccl_node}) {
    const auto issue = refused(import, bomb);
    EXPECT_THAT(issue.message, HasSubstr("document type declaration"));
    EXPECT_EQ(issue.where.line, 2);
  }
}

TEST(Hostile, DepthAndNamesAreBounded) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_THAT(refused(import_nccl_node, deep).message, HasSubstr("nested more than 64 deep"));
  EXPECT_THAT(refused(import_graphml, deep).message, HasSubstr("nested more than 64 deep"));
  const auto issue =
      refused(import_nccl_node, "<system>\n <gpu dev=\"" + std::string(100'000'000, 'x') + "\"/></system>");
  EXPECT_THAT(issue.message, HasSubstr("4,096 bytes"));
  EXPECT_EQ(issue.where.line, 2);
  EXPECT_THAT(refused(import_graphviz, "graph {" + std::string(100'000, '{')).message, HasSubstr("64 braces"));
}

TEST(Hostile, YamlThatCallsItselfIsNoNetwork) {
  const auto issue =
      refused(import_astra_sim, "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ntopology: *c\nnpus_count: [1]\n");
  EXPECT_GT(issue.where.line, 0);
  EXPECT_THAT(refused(import_astra_sim, std::string(100'000, '[')).message, HasSubstr("nested too deep"));
  EXPECT_THAT(refused(import_astra_sim, "topology: [" + std::string(2'000'000, 'x')).message, HasSubstr("at most"));
  EXPECT_THAT(refused(import_edge_list, R"({"vertices": [")" + std::string(5000, 'x') + R"("], "edges": []})").message,
              HasSubstr("at most 4096 bytes"));
  EXPECT_EQ(
      refused(import_astra_sim, "topology: [Ring]\nnpus_count: [4]\nbandwidth: [fast]\nlatency: [0]\n").where.line, 3);
  EXPECT_EQ(
      refused(import_astra_sim, "topology: [Ring]\nnpus_count: [4]\nbandwidth: [1]\nlatency: [.nan]\n").where.line, 4);
}

// Found by fuzzing: YAML's own mark is before the text.
TEST(Hostile, AnEmptyYamlIsRefusedAtItsFirstLine) { EXPECT_EQ(refused(import_astra_sim, "").where.line, 1); }

// Found by fuzzing: data with elements inside has no position of its own left at its end.
TEST(Hostile, DataWithElementsInsideKeepsItsPosition) {
  const auto issue = refused(import_graphml,
                             "<graphml>\n<graph edgedefault=\"directed\">\n<node id=\"a\">\n"
                             "<data key=\"x\"><b/><data key=\"y\"/></data></node></graph></graphml>");
  EXPECT_EQ(issue.where.line, 4);
}

TEST(Hostile, GraphsThatAreNoClusterAreRefused) {
  EXPECT_THAT(refused(import_edge_list, R"({"vertices": ["gpu 0", "gpu 1"], "edges": [[0, 1]]})").message,
              HasSubstr("GPUs without"));
  EXPECT_THAT(refused(import_edge_list, R"({"vertices": ["a"], "edges": [[0, 7]]})").message, HasSubstr("an edge is"));
  EXPECT_THAT(refused(import_edge_list, R"({"vertices": ["a"], "edges": [[0, 0]]})").message, HasSubstr("to itself"));
  EXPECT_THAT(refused(import_nccl_node, "<system><gpu sm=\"nine\"/></system>").message, HasSubstr("sm="));
}

struct Broken {
  std::string text;
  int line, column;
  std::string message;
};

void expect_refusals(Import import, const std::vector<Broken>& texts) {
  for (const auto& [text, line, column, message] : texts) {
    const auto issue = refused(import, text);
    EXPECT_EQ(issue.where.line, line) << text;
    EXPECT_EQ(issue.where.column, column) << text;
    EXPECT_THAT(issue.message, HasSubstr(message));
  }
}

TEST(Hostile, BrokenGraphvizIsToldWhereItStands) {
  expect_refusals(import_graphviz,
                  {{"", 1, 1, "\"graph\" or \"digraph\" is expected, the text ends"},
                   {"graph {\n  a -- \n}\n", 3, 1, "a vertex or a subgraph is expected, there is \"}\""},
                   {"graph {\n  a -> b;\n}\n", 2, 5, "edges of a graph are \"--\""},
                   {"digraph {\n  a -- b;\n}\n", 2, 5, "edges of a digraph are \"->\""},
                   {"graph {\n  a [label=\"x\n", 2, 12, "a string that does not end"},
                   {"graph {\n /* a", 2, 2, "a comment that does not end"},
                   {"graph {\n a [label=<b<c>];", 2, 11, "HTML string"},
                   {"graph {\n a [label = ];", 2, 13, "a value is expected, there is \"]\""},
                   {"graph {\n \"" + std::string(5000, 'x') + "\" }", 2, 2, "more than 4096 bytes"},
                   {"graph {\n edge = 3;\n}", 2, 7, "\"[\" is expected"},
                   {"graph {\n a--b--a;\n b--b\n}", 3, 3, "a cable from \"b\" to itself"},
                   {"graph {\n a -- b [bytes_per_second=fast]\n}", 2, 27, "bytes_per_second is a number"},
                   {"graph {\n a -- b [latency_seconds=-1]\n}", 2, 4, "and 0 to 1"},
                   {"graph {\n a -- b }\n}", 3, 1, "the end of the text is expected"},
                   {"graph {\n a \x01 }", 2, 4, "stand in quotes"}});
}

TEST(Hostile, BrokenGraphmlIsToldWhereItStands) {
  const auto graph = [](const std::string& inside) {
    return "<graphml>\n<key id=\"r\" for=\"edge\" attr.name=\"bytes_per_second\" attr.type=\"double\"/>\n"
           "<graph edgedefault=\"undirected\">\n<node id=\"a\"/><node id=\"b\"/>\n" +
           inside + "\n</graph></graphml>\n";
  };
  expect_refusals(
      import_graphml,
      {{"<graphml/>", 1, 1, "no <graph>"},
       {"<graphml>\n <graph/></graphml>", 2, 2, "edgedefault"},
       {graph(" <edge source=\"a\" target=\"c\"/>"), 5, 2, "an edge to \"c\", which is no node"},
       {graph(" <edge source=\"a\" target=\"a\"/>"), 5, 2, "a cable from \"a\" to itself"},
       {graph("<edge source=\"a\" target=\"b\">\n<data key=\"r\">fast</data></edge>"), 6, 1, "type \"double\""},
       {graph("<edge source=\"a\" target=\"b\">\n<data key=\"x\">1</data></edge>"), 6, 1, "no <key id=\"x\">"}});
}

/// As other programs write them: numbers of any type, vertices in subgraphs, strings in parts.
TEST(Import, DialectsOfGraphmlAndGraphviz) {
  Issues issues;
  const auto whole = import_graphml(
      "<graphml><key id=\"r\" for=\"edge\" attr.name=\"bytes_per_second\" attr.type=\"long\"/>"
      "<graph edgedefault=\"directed\"><node id=\"a\"/><node id=\"b\"/><node id=\"c\"/>"
      "<edge source=\"b\" target=\"c\"><data key=\"r\">25000000000</data></edge>"
      "<edge source=\"a\" target=\"b\"/></graph></graphml>",
      "whole", issues);
  ASSERT_TRUE(whole.has_value()) << to_string(issues.all().front());
  ASSERT_EQ(whole->fabric.graph.links.size(), 2u);
  EXPECT_DOUBLE_EQ(whole->fabric.graph.links[1].bandwidth.value(), 25e9);

  const auto star = import_graphviz(
      "/* a star */ strict Graph \"x\" + \"y\" { node [shape=box]; rank=same\n# a comment\n"
      "a -- {b; c} [label=2]; subgraph s { b:p:n -- c } a [label=<<b>\xC3\xA9\"</b>>]; // end\n}",
      "star", issues);
  ASSERT_TRUE(star.has_value()) << to_string(issues.all().front());
  ASSERT_EQ(star->fabric.graph.links.size(), 3u);
  EXPECT_EQ(star->fabric.graph.links[0].count, 2);
  EXPECT_EQ(star->fabric.graph.links[2].count, 1);
}

}  // namespace
}  // namespace plenum::topology
