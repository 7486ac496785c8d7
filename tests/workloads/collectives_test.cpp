// What every algorithm must move, whatever the order: counted on every member and between nodes.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <bit>
#include <map>

#include "workloads/collectives/algorithms.hpp"

namespace plenum::workload {
namespace {

using Kind = CollectiveKind;
using Algorithm = CollectiveAlgorithm;

constexpr double exact = 1e-12;  // shares are quotients of small integers

std::vector<std::uint32_t> nodes(std::uint32_t count, std::uint32_t each) {
  std::vector<std::uint32_t> node;
  for (std::uint32_t i = 0; i < count * each; ++i) node.push_back(i / each);
  return node;
}

struct Moved {
  std::vector<double> sent, received;
};

Moved moved(const Pattern& pattern, std::size_t members) {
  Moved m{std::vector<double>(members), std::vector<double>(members)};
  for (const auto& [source, destination, share] : pattern.flows) {
    m.sent[source] += share;
    m.received[destination] += share;
  }
  return m;
}

double between_nodes(const Pattern& pattern, const std::vector<std::uint32_t>& node) {
  double sum = 0;
  for (const auto& flow : pattern.flows) sum += node[flow.source] == node[flow.destination] ? 0 : flow.share;
  return sum;
}

TEST(Pattern, NoFlowStaysOnItsMemberAndAllHaveBytes) {
  for (const auto algorithm : {Algorithm::ring, Algorithm::tree, Algorithm::nvls, Algorithm::nvls_tree,
                               Algorithm::halving_doubling, Algorithm::hierarchical})
    for (const auto& node : {nodes(1, 8), nodes(2, 8), nodes(4, 4), nodes(8, 1)})
      for (const auto& flow : pattern_of(Kind::all_reduce, algorithm, node).flows) {
        EXPECT_NE(flow.source, flow.destination);
        EXPECT_GT(flow.share, 0);
      }
}

// An all-reduce without help from switches moves at least 2(n-1)/n of the buffer per member: Patarasuk and Yuan,
// "Bandwidth optimal all-reduce algorithms for clusters of workstations" (2009). Rings and halving-doubling meet it.
TEST(Pattern, BandwidthOptimalAllReducesMoveTwoBuffersLessTwoParts) {
  for (const auto algorithm : {Algorithm::ring, Algorithm::halving_doubling}) {
    const auto node = nodes(4, 4);
    const auto m = moved(pattern_of(Kind::all_reduce, algorithm, node), 16);
    for (std::size_t i = 0; i < 16; ++i) {
      EXPECT_NEAR(m.sent[i], 2 * 15.0 / 16, exact);
      EXPECT_NEAR(m.received[i], 2 * 15.0 / 16, exact);
    }
  }
}

// The largest power of two halves and doubles; the others' buffers come before and the sums go back after.
TEST(Pattern, HalvingAndDoublingFoldsTheOthersIntoTheirNeighbours) {
  for (const std::uint32_t n : {2u, 3u, 6u, 7u, 12u, 24u, 31u}) {
    const auto m = moved(pattern_of(Kind::all_reduce, Algorithm::halving_doubling, nodes(n, 1)), n);
    const auto powers = std::bit_floor(n), others = n - powers;
    for (std::uint32_t i = 0; i < n; ++i) {
      const bool other = i < 2 * others && i % 2 == 1, hosts = i < 2 * others && i % 2 == 0;
      const double halves = 2.0 * (powers - 1) / powers;
      EXPECT_NEAR(m.sent[i], other ? 1 : hosts ? halves + 1 : halves, exact) << n;
      EXPECT_NEAR(m.received[i], m.sent[i], exact) << n;
    }
  }
}

TEST(Pattern, AllGathersReceiveWhatTheyLack) {
  for (const auto algorithm : {Algorithm::ring, Algorithm::pat, Algorithm::direct})
    for (const std::uint32_t n : {2u, 3u, 7u, 8u, 12u}) {
      const auto m = moved(pattern_of(Kind::all_gather, algorithm, nodes(n, 1)), n);
      for (std::uint32_t i = 0; i < n; ++i) EXPECT_NEAR(m.received[i], (n - 1.0) / n, exact);
    }
}

TEST(Pattern, SharpSendsTheBufferOnceAndItsSumOnce) {
  const auto m = moved(pattern_of(Kind::all_reduce, Algorithm::nvls, nodes(1, 8)), 8);
  for (const double sent : m.sent) EXPECT_NEAR(sent, 1 + 1.0 / 8, exact);
  for (const auto kind : {Kind::all_gather, Kind::reduce_scatter})
    for (const double sent : moved(pattern_of(kind, Algorithm::nvls, nodes(1, 8)), 8).sent) EXPECT_EQ(sent, 1);
}

TEST(Pattern, AllToAllSendsEveryPairItsPart) {
  const auto pattern = pattern_of(Kind::all_to_all, Algorithm::direct, nodes(2, 4));
  EXPECT_EQ(pattern.flows.size(), 56u);
  for (const double sent : moved(pattern, 8).sent) EXPECT_NEAR(sent, 7.0 / 8, exact);
}

TEST(Pattern, BroadcastReachesEveryoneOnceAndReduceComesBack) {
  for (const auto& node : {nodes(1, 8), nodes(3, 4), nodes(5, 1)}) {
    const auto there = moved(pattern_of(Kind::broadcast, Algorithm::ring, node), node.size());
    const auto back = moved(pattern_of(Kind::reduce, Algorithm::ring, node), node.size());
    EXPECT_NEAR(there.received[0], 0, exact);
    for (std::size_t i = 1; i < node.size(); ++i) EXPECT_NEAR(there.received[i], 1, exact);
    for (std::size_t i = 0; i < node.size(); ++i) EXPECT_NEAR(there.received[i], back.sent[i], exact);
  }
}

TEST(Pattern, BetweenTwoNodesATreeMovesTheBufferOnceEachWay) {
  const auto node = nodes(2, 8);
  EXPECT_NEAR(between_nodes(pattern_of(Kind::all_reduce, Algorithm::tree, node), node), 2, exact);
  EXPECT_NEAR(between_nodes(pattern_of(Kind::all_reduce, Algorithm::nvls_tree, node), node), 2, exact);
  EXPECT_NEAR(between_nodes(pattern_of(Kind::all_reduce, Algorithm::hierarchical, node), node), 2, exact);
}

TEST(DoubleBinaryTree, ReachesTheRootAndHalvesTheInnerRanks) {
  EXPECT_TRUE(rc::check([] {
    const auto n = *rc::gen::inRange<std::int64_t>(2, 400);
    for (const bool second : {false, true}) {
      std::map<std::int64_t, int> children;
      std::int64_t roots = 0;
      for (std::int64_t rank = 0; rank < n; ++rank) {
        const auto parent = tree_parent(n, rank, second);
        RC_ASSERT(parent < n);
        parent < 0 ? ++roots : ++children[parent];
        std::int64_t hops = 0;
        for (auto at = rank; at >= 0; at = tree_parent(n, at, second))
          RC_ASSERT(++hops <= 2 + std::bit_width(std::uint64_t(n)));
      }
      RC_ASSERT(roots == 1);
      for (const auto& [rank, count] : children) RC_ASSERT(count <= 2);
    }
  }));
}

TEST(DoubleBinaryTree, NoRankSendsMoreThanTwoBuffers) {
  for (std::uint32_t n = 2; n < 70; ++n)
    for (const double sent : moved(pattern_of(Kind::all_reduce, Algorithm::tree, nodes(n, 1)), n).sent)
      EXPECT_LE(sent, 2 + exact) << n;
}

}  // namespace
}  // namespace plenum::workload
