// Colour refinement on graphs whose coarsest equitable partition is known, and equitability itself on random ones.
#include "sim/engine/folding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "sim/core/random.hpp"

namespace plenum::engine {
namespace {

/// Undirected: the two ends of an edge see the same.
void connect(SymmetryGraph& graph, std::uint32_t a, std::uint32_t b) {
  graph.edges.push_back({a, b, 0});
  graph.edges.push_back({b, a, 0});
}

SymmetryGraph path(std::uint32_t nodes) {
  SymmetryGraph graph{std::vector<std::uint64_t>(nodes, 0), {}};
  for (std::uint32_t i = 0; i + 1 < nodes; ++i) connect(graph, i, i + 1);
  return graph;
}

SymmetryGraph ring(std::uint32_t nodes) {
  SymmetryGraph graph = path(nodes);
  connect(graph, nodes - 1, 0);
  return graph;
}

/// What a node sees: how often each (label, direction, class of the neighbour).
using View = std::map<std::tuple<std::uint32_t, bool, std::uint32_t>, int>;
std::vector<View> views(const SymmetryGraph& graph, const Classes& classes) {
  std::vector<View> views(graph.kind.size());
  for (const auto& [from, to, label] : graph.edges) {
    ++views[from][{label, true, classes.of[to]}];
    ++views[to][{label, false, classes.of[from]}];
  }
  return views;
}

SymmetryGraph random_graph(RandomStream& random) {
  SymmetryGraph graph;
  const auto nodes = 1 + random.below(60), kinds = 1 + random.below(3), labels = 1 + random.below(2);
  for (std::uint64_t i = 0; i < nodes; ++i) graph.kind.push_back(random.below(kinds));
  for (auto edges = random.below(2 * nodes); edges > 0; --edges) {
    graph.edges.push_back({static_cast<std::uint32_t>(random.below(nodes)),
                           static_cast<std::uint32_t>(random.below(nodes)),
                           static_cast<std::uint32_t>(random.below(labels))});
  }
  return graph;
}

/// The definition, as slowly as it reads: recolour every node by (its colour, its view) until nothing changes.
std::size_t classes_by_definition(const SymmetryGraph& graph) {
  Classes classes;
  classes.of.assign(graph.kind.begin(), graph.kind.end());
  for (std::size_t count = 0;;) {
    std::map<std::pair<std::uint32_t, View>, std::uint32_t> colours;
    const auto seen = views(graph, classes);
    for (std::size_t node = 0; node < seen.size(); ++node) {
      classes.of[node] = colours.try_emplace({classes.of[node], seen[node]}, colours.size()).first->second;
    }
    if (colours.size() == count) return count;
    count = colours.size();
  }
}

TEST(Folding, ARingFoldsToOneClass) {
  const auto classes = fold(ring(1000));
  EXPECT_THAT(classes.size, testing::ElementsAre(1000));
  EXPECT_THAT(classes.representative, testing::ElementsAre(0));
  EXPECT_EQ(classes.rounds, 1);
}

TEST(Folding, APathFoldsAtItsMiddle) {
  for (const std::uint32_t nodes : {1, 2, 3, 10, 11, 100}) {
    const auto classes = fold(path(nodes));
    ASSERT_EQ(classes.size.size(), (nodes + 1) / 2) << nodes << " nodes";
    for (std::uint32_t i = 0; i < nodes; ++i) EXPECT_EQ(classes.of[i], std::min(i, nodes - 1 - i));
  }
}

TEST(Folding, ADirectedPathDoesNotFold) {
  SymmetryGraph graph{std::vector<std::uint64_t>(20, 0), {}};
  for (std::uint32_t i = 0; i + 1 < 20; ++i) graph.edges.push_back({i, i + 1, 0});
  EXPECT_EQ(fold(graph).size.size(), 20);
}

TEST(Folding, AStarHasACentreAndLeaves) {
  SymmetryGraph graph{std::vector<std::uint64_t>(6, 0), {}};
  for (std::uint32_t leaf = 1; leaf < 6; ++leaf) connect(graph, 0, leaf);
  EXPECT_THAT(fold(graph).size, testing::ElementsAre(1, 5));
}

TEST(Folding, KindsAreNeverMixed) {
  SymmetryGraph graph = ring(8);
  graph.kind[3] = 7;  // one broken node: classes are the distances from it, 0 to 4
  EXPECT_THAT(fold(graph).of, testing::ElementsAre(0, 1, 2, 3, 2, 1, 0, 4));
}

TEST(Folding, LabelsAndTheirMultiplicityCount) {
  SymmetryGraph graph{std::vector<std::uint64_t>(6, 0), {{0, 1, 0}, {2, 3, 1}, {4, 5, 0}, {4, 5, 0}}};
  EXPECT_EQ(fold(graph).size.size(), 6);
}

TEST(Folding, NothingFoldsToNothing) {
  EXPECT_TRUE(fold({}).of.empty());
  EXPECT_TRUE(identity(0).of.empty());
}

TEST(Folding, IdentityKeepsEveryNode) {
  const auto classes = identity(3);
  EXPECT_THAT(classes.of, testing::ElementsAre(0, 1, 2));
  EXPECT_THAT(classes.representative, testing::ElementsAre(0, 1, 2));
  EXPECT_THAT(classes.size, testing::Each(1));
}

TEST(Folding, RandomGraphsGetTheCoarsestEquitablePartition) {
  RandomStream random(1, "graphs");
  for (int i = 0; i < 3000; ++i) {
    const auto graph = random_graph(random);
    const auto classes = fold(graph);
    const auto seen = views(graph, classes);
    std::vector<std::uint32_t> members(classes.size.size());
    for (std::uint32_t node = 0; node < seen.size(); ++node) {
      const auto representative = classes.representative[classes.of[node]];
      ASSERT_EQ(graph.kind[node], graph.kind[representative]);
      ASSERT_EQ(seen[node], seen[representative]) << "graph " << i << " is not equitable at node " << node;
      ++members[classes.of[node]];
    }
    ASSERT_EQ(members, classes.size);
    ASSERT_EQ(classes.size.size(), classes_by_definition(graph)) << "graph " << i << " is not the coarsest";
  }
}

}  // namespace
}  // namespace plenum::engine
