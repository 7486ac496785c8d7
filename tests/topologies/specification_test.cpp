// Are impossible clusters refused, with a message that says what would do?
#include "topologies/specification.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "topologies/clusters.hpp"

namespace plenum::topology {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> problems(const std::function<void(ClusterSpecification&)>& change) {
  ClusterSpecification c;
  c.nodes = 127;
  change(c);
  std::vector<std::string> lines;
  for (const Problem& p : check(c)) lines.push_back(p.pointer + ": " + p.message);
  return lines;
}

TEST(Specification, DefaultsArePossible) {
  EXPECT_THAT(problems([](auto&) {}), IsEmpty());
}

TEST(Specification, NodesNeedAFabric) {
  EXPECT_THAT(problems([](auto& c) { c.fabric.kind = FabricKind::none; }),
              ElementsAre("/fabric/kind: without a fabric, 127 nodes in NVLink domains of 1 are not connected"));
  EXPECT_THAT(
      problems([](auto& c) { c.fabric.kind = FabricKind::none, c.nodes = 18, c.node.nvlink_domain_nodes = 18; }),
      IsEmpty());
}

TEST(Specification, NicsFitTheirGpus) {
  EXPECT_THAT(problems([](auto& c) { c.node.nics = 0; }),
              ElementsAre("/node/nics: a fabric needs at least one NIC per node"));
  EXPECT_THAT(problems([](auto& c) { c.node.nics = 9; }),
              ElementsAre("/node/nics: 9 NICs for 8 GPUs; at most one per GPU"));
}

TEST(Specification, SizesAreBounded) {
  EXPECT_THAT(problems([](auto& c) { c.nodes = 200'000; }),
              ElementsAre("/nodes: 1600000 GPUs; at most 1048576 are supported"));
  EXPECT_THAT(problems([](auto& c) {  // each of a million leaves with one NIC and 100 uplinks
                c.nodes = 131'072, c.fabric.levels = 3, c.fabric.nodes_per_leaf_group = 1;
                c.fabric.switch_ports = 65'536, c.fabric.leaf_oversubscription = 0.01;
              }),
              ElementsAre("/fabric: 210763776 cables; at most 16777216 are supported"));
}

TEST(Specification, SwitchesHaveEnoughPorts) {
  EXPECT_THAT(
      problems([](auto& c) { c.fabric.switch_ports = 8, c.fabric.rail_optimized = false; }),
      ElementsAre("/fabric/switch_ports: a leaf of 8 ports is too small for the 8 of one node and their uplinks"));
  EXPECT_THAT(
      problems([](auto& c) { c.fabric.nodes_per_leaf_group = 33; }),
      ElementsAre("/fabric/nodes_per_leaf_group: 33 ports down and 33 up exceed the 64 ports of a leaf; at most 32 "
                  "nodes per leaf group"));
  EXPECT_THAT(problems([](auto& c) { c.fabric.levels = 1; }),
              ElementsAre("/fabric/levels: one level takes 64 nodes, the cluster has 127; use 2 levels"));
  EXPECT_THAT(problems([](auto& c) { c.fabric.levels = 2, c.nodes = 257; }),
              ElementsAre("/fabric/levels: spines of 64 ports can't join 72 leaves; use 3 levels or larger spines"));
  EXPECT_THAT(
      problems([](auto& c) { c.fabric.levels = 3, c.fabric.spine_ports = 12; }),
      ElementsAre("/fabric/spine_ports: a spine of 12 ports is too small for the 8 leaves of one group and its own "
                  "uplinks"));
  EXPECT_THAT(
      problems([](auto& c) { c.nodes = 16'384; }),
      ElementsAre("/fabric/switch_ports: cores of 64 ports can't join 128 pods; 3 levels of such switches take at "
                  "most 8192 nodes"));
  EXPECT_THAT(problems([](auto& c) { c.fabric.levels = 3, c.fabric.leaf_groups_per_pod = 5; }),
              ElementsAre("/fabric/leaf_groups_per_pod: spines of 64 ports can't join the 40 leaves of a pod"));
}

TEST(Specification, UplinksSpreadEvenly) {
  EXPECT_THAT(
      problems([](auto& c) { c.fabric.spines_per_pod = 12; }),
      ElementsAre("/fabric/spines_per_pod: the 32 uplinks of a leaf do not spread evenly over 12 spines; 16 would do"));
  EXPECT_THAT(problems([](auto& c) { c.fabric.spines_per_pod = 8; }),
              ElementsAre("/fabric/spines_per_pod: 8 spines need 128 ports down and 0 up each, they have 64; 16 spines "
                          "would do"));
  EXPECT_THAT(
      problems([](auto& c) { c.nodes = 512, c.fabric.cores = 63; }),
      ElementsAre("/fabric/cores: 63 cores of 64 ports do not join 4 pods of 32 spines with 32 uplinks each evenly; "
                  "64 would do"));
  EXPECT_THAT(
      problems([](auto& c) { c.nodes = 512, c.fabric.cores = 32; }),
      ElementsAre("/fabric/cores: 32 cores of 64 ports do not join 4 pods of 32 spines with 32 uplinks each evenly; "
                  "64 would do"));
  EXPECT_THAT(problems([](auto& c) { c.nodes = 512, c.fabric.cores = 128; }), IsEmpty());
}

TEST(Specification, FieldsOfOtherLevelsAreRefused) {
  EXPECT_THAT(problems([](auto& c) { c.fabric.levels = 2, c.fabric.cores = 4; }),
              ElementsAre("/fabric/cores: cores need levels: 3"));
  EXPECT_THAT(
      problems([](auto& c) { c.fabric.levels = 2, c.fabric.leaf_groups_per_pod = 4; }),
      ElementsAre("/fabric/leaf_groups_per_pod: pods need levels: 3; with fewer levels all leaves are one pod"));
  EXPECT_THAT(problems([](auto& c) { c.nodes = 8, c.fabric.levels = 1, c.fabric.spines_per_pod = 4; }),
              ElementsAre("/fabric/spines_per_pod: spines need levels: 2 or 3"));
}

TEST(Specification, DegradedLinksExist) {
  const auto degrade = [](std::string from, std::string to) {
    return problems([&](auto& c) { c.degraded_links = {{"leaf 0", "spine 1", 0.5}, {from, to, 0.5}}; });
  };
  EXPECT_THAT(degrade("spine 1", "leaf 0"), IsEmpty());
  EXPECT_THAT(degrade("gpu 1", "nic 2"), ElementsAre("/degraded_links/1: no link from \"gpu 1\" to \"nic 2\""));
  EXPECT_THAT(
      degrade("leaf 99", "spline 0"),
      ElementsAre(StartsWith("/degraded_links/1/from: unknown \"leaf 99\"; this cluster's last ones are \"gpu 1015\", "
                             "\"nvswitch 126\", \"nic 1015\", "),
                  StartsWith("/degraded_links/1/to: unknown \"spline 0\"; ")));
}

TEST(Specification, ValuesOutOfRangeAreRefusedNotDividedBy) {
  const std::vector<std::string> refused{": a value of the cluster is out of its range"};
  EXPECT_EQ(problems([](auto& c) { c.nodes = 0; }), refused);
  EXPECT_EQ(problems([](auto& c) { c.node.gpus = -8; }), refused);
  EXPECT_EQ(problems([](auto& c) { c.node.nvlink_domain_nodes = 0; }), refused);
  EXPECT_EQ(problems([](auto& c) { c.fabric.switch_ports = 0; }), refused);
  EXPECT_EQ(problems([](auto& c) { c.fabric.leaf_oversubscription = 0; }), refused);
  EXPECT_EQ(problems([](auto& c) { c.fabric.spine_oversubscription = std::nan(""); }), refused);
  EXPECT_EQ(problems([](auto& c) { c.fabric.link = BytesPerSecond(std::numeric_limits<double>::infinity()); }),
            refused);
  EXPECT_EQ(problems([](auto& c) { c.nodes = std::numeric_limits<std::int64_t>::max(); }), refused);
}

TEST(Specification, NothingThatCheckAcceptsFailsToBuild) {
  EXPECT_TRUE(rc::check([] {
    const ClusterSpecification c = arbitrary_cluster();
    RC_PRE(check(c).empty());
    RC_ASSERT(count(build(c)).gpus == c.nodes * c.node.gpus);
  }));
}

}  // namespace
}  // namespace plenum::topology
