// What packets that all take a detour load, where it can be counted by hand.
#include "topologies/even_detours.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace plenum::topology {
namespace {

constexpr double rate = 50e9;

EvenDetours on(FabricKind kind, std::vector<std::int64_t> dimensions) {
  ClusterSpecification c;
  c.node.gpus = c.node.nics = 1;
  c.fabric.kind = kind;
  c.nodes = 1;
  for (const auto size : dimensions) c.nodes *= size;
  c.fabric.graph.dimensions = std::move(dimensions);
  return even_detours(build(c));
}

// n switches, each cabled to each: a cable carries 1/n of what its switch sends in the first leg and as much of others'
// in the second, so that n/2 cables' worth leaves a switch when all send.
TEST(EvenDetours, HalveWhatAFullyConnectedFabricCarries) {
  const auto found = on(FabricKind::hyperx, {8});
  EXPECT_EQ(found.hops, 2);  // 2 x 7/8
  EXPECT_NEAR(found.all.value(), 8 * 8 * rate / 2, 1);
  for (const auto from : found.from) EXPECT_NEAR(from.value(), 8 * rate, 1);
}

// A ring of n (odd): the mean distance is (n^2 - 1) / 4n, and all 2 n directed cables carry alike.
TEST(EvenDetours, LoadARingByItsMeanDistance) {
  constexpr double n = 9, distance = (n * n - 1) / (4 * n);
  const auto found = on(FabricKind::torus, {9});
  EXPECT_EQ(found.hops, 4);  // 2 x 2.22
  EXPECT_NEAR(found.all.value(), 2 * n * rate / (2 * distance), 1);
  EXPECT_NEAR(found.from[0].value(), 9.0 / 4 * rate, 1);  // four of nine places either way
}

// Parallel cables are ways of their own.
TEST(EvenDetours, UseParallelCablesAlike) {
  ClusterSpecification c;
  c.node.gpus = c.node.nics = 1;
  c.fabric.kind = FabricKind::hyperx;
  c.nodes = 4;
  c.fabric.graph.dimensions = {4};
  const auto one = even_detours(build(c));
  c.fabric.graph.cables = 3;
  EXPECT_NEAR(even_detours(build(c)).all.value(), 3 * one.all.value(), 1);
}

}  // namespace
}  // namespace plenum::topology
