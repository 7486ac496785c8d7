// Rings: what every member and every node sends, against the algorithm's definition.
#include "workloads/collective_pattern.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <numeric>
#include <set>

namespace plenum::workload {
namespace {

std::vector<std::uint32_t> nodes_of(const std::vector<std::uint32_t>& members_per_node) {
  std::vector<std::uint32_t> nodes;
  for (std::uint32_t node = 0; node < members_per_node.size(); ++node) {
    nodes.insert(nodes.end(), members_per_node[node], node);
  }
  return nodes;
}

TEST(Ring, OneNodeIsOneRing) {
  const auto pattern = ring(CollectiveKind::all_reduce, nodes_of({4}));
  ASSERT_EQ(pattern.flows.size(), 4U);
  for (std::uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(pattern.flows[i].source, i);
    EXPECT_EQ(pattern.flows[i].destination, (i + 1) % 4);
    EXPECT_DOUBLE_EQ(pattern.flows[i].share, 2 * 3 / 4.0);
  }
  EXPECT_EQ(pattern.steps, 6);
  EXPECT_EQ(pattern.inter_node_steps, 0);
}

TEST(Ring, OneMemberPerNodeIsOneRingOverTheNetwork) {
  const auto pattern = ring(CollectiveKind::all_gather, nodes_of({1, 1, 1}));
  ASSERT_EQ(pattern.flows.size(), 3U);
  for (const auto& flow : pattern.flows) {
    EXPECT_EQ(flow.destination, (flow.source + 1) % 3);
    EXPECT_DOUBLE_EQ(flow.share, 2 / 3.0);
  }
  EXPECT_EQ(pattern.steps, 2);
  EXPECT_EQ(pattern.inter_node_steps, 2);
}

TEST(Ring, ALonelyMemberSendsNothing) {
  const auto pattern = ring(CollectiveKind::all_reduce, nodes_of({1}));
  EXPECT_TRUE(pattern.flows.empty());
  EXPECT_EQ(pattern.steps, 0);
}

TEST(Ring, TwoNodesOfEightKeepEveryHopOnItsRail) {
  const auto pattern = ring(CollectiveKind::all_reduce, nodes_of({8, 8}));
  std::size_t between = 0;
  for (const auto& [source, destination, share] : pattern.flows) {
    if (source / 8 == destination / 8) {
      EXPECT_DOUBLE_EQ(share, 7 / 8.0 * 2 * 15 / 16);  // seven of eight rings
    } else {
      EXPECT_EQ(source % 8, destination % 8);
      EXPECT_DOUBLE_EQ(share, 1 / 8.0 * 2 * 15 / 16);
      ++between;
    }
  }
  EXPECT_EQ(between, 16U);
  EXPECT_EQ(pattern.flows.size(), 32U);
  EXPECT_EQ(pattern.steps, 30);
  EXPECT_EQ(pattern.inter_node_steps, 4);
}

TEST(Ring, OtherKindsAreRefused) { EXPECT_THROW(ring(CollectiveKind::all_to_all, nodes_of({2})), std::logic_error); }

/// A ring passes each member once: everybody sends and receives the same. All rings together carry the whole buffer.
TEST(Ring, EveryMemberSendsAndReceivesWhatTheAlgorithmSays) {
  const bool holds = rc::check([] {
    const auto counts = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(1, 9));
    const auto nodes = nodes_of(counts);
    const auto n = nodes.size();
    RC_PRE(n >= 2);
    const auto kind = *rc::gen::element(CollectiveKind::all_reduce, CollectiveKind::all_gather);
    const auto pattern = ring(kind, nodes);
    const double expected = (kind == CollectiveKind::all_reduce ? 2.0 : 1.0) * static_cast<double>(n - 1) / n;
    std::vector<double> sent(n), received(n);
    std::map<std::uint32_t, double> left;
    std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
    std::set<std::uint32_t> leaving;
    for (const auto& [source, destination, share] : pattern.flows) {
      RC_ASSERT(source != destination);
      RC_ASSERT(pairs.emplace(source, destination).second);
      sent[source] += share;
      received[destination] += share;
      if (nodes[source] == nodes[destination]) continue;
      left[nodes[source]] += share;
      RC_ASSERT(leaving.insert(source).second);  // each ring leaves through another member
    }
    for (std::size_t member = 0; member < n; ++member) {
      RC_ASSERT(std::abs(sent[member] - expected) < 1e-12);
      RC_ASSERT(std::abs(received[member] - expected) < 1e-12);
    }
    if (counts.size() > 1) {
      RC_ASSERT(left.size() == counts.size());
      for (const auto& [node, share] : left) RC_ASSERT(std::abs(share - expected) < 1e-12);
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace plenum::workload
