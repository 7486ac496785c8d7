// Do the committed presets read without a complaint, build, and describe the machines they are named after?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "topologies/fat_tree_shape.hpp"
#include "topologies/specification.hpp"

namespace plenum::topology {
namespace {

/// The preset, and `nodes` where its name doesn't fix them.
ClusterSpecification read(const std::string& name, std::int64_t nodes) {
  Issues issues;
  auto value = preset(name, {}, "/cluster", issues);
  EXPECT_TRUE(value) << name;
  ClusterSpecification c;
  if (!value) return c;
  read_fields(
      *value, "/cluster", [&c](Fields& fields) { describe(fields, c); }, issues);
  for (const Issue& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  if (!value->find("nodes")) c.nodes = nodes;
  return c;
}

TEST(Catalogue, EveryPresetBuildsAConnectedClusterFromOneNodeToMany) {
  for (const std::string& name : preset_names()) {
    for (const std::int64_t nodes : {1, 18, 144, 576}) {
      const ClusterSpecification c = read(name, nodes);
      if (c.fabric.levels == 1 && nodes > c.fabric.switch_ports) continue;  // rails end with their switches
      EXPECT_EQ(c.name, name);
      EXPECT_FALSE(c.source.empty()) << name;
      ASSERT_THAT(check(c), testing::IsEmpty()) << name;
      const Cluster cluster = build(c);
      std::vector<std::uint32_t> gpus(cluster.gpus.size());
      std::iota(gpus.begin(), gpus.end(), 0U);
      EXPECT_TRUE(connected(cluster, gpus)) << name;
    }
  }
}

TEST(Catalogue, Names) {
  EXPECT_THAT(preset_names(),
              testing::ElementsAre("DGX-A100", "DGX-A100-SuperPOD", "DGX-B200", "DGX-B200-SuperPOD", "DGX-B300",
                                   "DGX-B300-SuperPOD", "DGX-GB200-SuperPOD", "DGX-H100", "DGX-H100-SuperPOD",
                                   "DGX-H200", "Dragonfly-16384", "DragonflyPlus-16384", "GB200-NVL36", "GB200-NVL72",
                                   "GB300-NVL72", "GH200", "H100-NVL-pairs", "HPN7-15360", "HammingMesh-16384",
                                   "HyperX-16384", "L40S-PCIe4", "Llama3-RoCE", "RTX-4090-PCIe4", "RTX-PRO-6000-PCIe5",
                                   "RailOnly-B300", "SlimFly-16384", "TPUv4-fabric-4096", "Torus-16384"));
}

TEST(Catalogue, UnknownNamesGetASuggestion) {
  Issues issues;
  EXPECT_FALSE(preset("DGX-H10O", {"a.json", 3, 14}, "/cluster", issues));
  ASSERT_EQ(issues.all().size(), 1U);
  EXPECT_EQ(to_string(issues.all()[0]),
            "a.json:3:14: error: /cluster: unknown cluster \"DGX-H10O\"; did you mean "
            "\"DGX-H100\"? (plenum list clusters)");
}

TEST(Catalogue, NamesAreNotPaths) {
  Issues issues;
  EXPECT_FALSE(preset("../catalogue/DGX-H100", {}, "", issues));
}

TEST(Catalogue, SuperPods) {
  const Counts h100 = count(build(read("DGX-H100-SuperPOD", 0)));
  EXPECT_EQ(h100.gpus, 1016);
  EXPECT_EQ(h100.leaf, 32);
  EXPECT_EQ(h100.spine, 16);
  const Counts a100 = count(build(read("DGX-A100-SuperPOD", 0)));
  EXPECT_EQ(a100.gpus, 1120);
  EXPECT_EQ(a100.leaf, 56);
  const Counts b300 = count(build(read("DGX-B300-SuperPOD", 0)));
  EXPECT_EQ(b300.gpus, 4608);
  EXPECT_EQ(b300.leaf, 64);
  EXPECT_EQ(b300.spine, 36);
  const Counts gb200 = count(build(read("DGX-GB200-SuperPOD", 0)));
  EXPECT_EQ(gb200.gpus, 576);
  EXPECT_EQ(gb200.nvswitches, 8);
}

TEST(Catalogue, Llama3) {
  const ClusterSpecification c = read("Llama3-RoCE", 0);
  const FatTreeShape s = fat_tree_shape(c).shape;
  EXPECT_EQ(c.nodes * c.node.gpus, 16384);
  EXPECT_EQ(s.groups_per_pod * s.nodes_per_group * c.node.gpus, 3072);
  EXPECT_EQ(s.spine_down, 192);
  EXPECT_EQ(s.spine_up, 28);
}

TEST(Catalogue, RatesOfTheNodes) {
  const auto rates = [](const char* name) {
    const NodeSpecification n = read(name, 1).node;
    return std::pair{n.nvlink.value(), n.nic.value()};
  };
  EXPECT_EQ(rates("DGX-A100"), std::pair(300e9, 25e9));
  EXPECT_EQ(rates("DGX-H100"), std::pair(450e9, 50e9));
  EXPECT_EQ(rates("DGX-H200"), std::pair(450e9, 50e9));
  EXPECT_EQ(rates("DGX-B200"), std::pair(900e9, 50e9));
  EXPECT_EQ(rates("DGX-B300"), std::pair(900e9, 100e9));
  EXPECT_EQ(rates("GB200-NVL72"), std::pair(900e9, 50e9));
  EXPECT_EQ(rates("GB300-NVL72"), std::pair(900e9, 100e9));
}

}  // namespace
}  // namespace plenum::topology
