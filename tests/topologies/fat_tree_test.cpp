// Are the numbers of switches and cables right?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "sim/core/csv.hpp"
#include "topologies/clusters.hpp"
#include "topologies/fat_tree_shape.hpp"

namespace plenum::topology {
namespace {

Counts counts_of(const ClusterSpecification& specification) {
  EXPECT_THAT(check(specification), testing::IsEmpty());
  return count(build(specification));
}

TEST(FatTree, TwoLevelsOfNonBlockingSwitchesFollowTheClosedForm) {
  for (const std::int64_t k : {4, 8, 16, 64}) {
    const Counts c = counts_of(k_ary(k, 2));
    EXPECT_EQ(c.gpus, k * k / 2);
    EXPECT_EQ(c.leaf + c.spine, 3 * c.gpus / k);
    EXPECT_EQ(c.leaf_spine_cables, c.gpus);
  }
}

TEST(FatTree, ThreeLevelsOfNonBlockingSwitchesFollowTheClosedForm) {
  for (const std::int64_t k : {4, 8, 16, 64}) {
    const Counts c = counts_of(k_ary(k, 3));
    EXPECT_EQ(c.gpus, k * k * k / 4);
    EXPECT_EQ(c.leaf + c.spine + c.core, 5 * c.gpus / k);
    EXPECT_EQ(c.leaf_spine_cables, c.gpus);
    EXPECT_EQ(c.spine_core_cables, c.gpus);
  }
}

TEST(FatTree, OneHostMoreThanTheClosedFormDoesNotFit) {
  for (const std::int64_t levels : {1, 2, 3}) {
    ClusterSpecification c = k_ary(8, levels);
    EXPECT_THAT(check(c), testing::IsEmpty());
    ++c.nodes;
    EXPECT_THAT(check(c), testing::SizeIs(1)) << levels;
  }
}

TEST(FatTree, LevelsAreAsFewAsHoldTheNodes) {
  const auto levels = [](std::int64_t nodes) {
    ClusterSpecification c = k_ary(8, 3);
    c.fabric.levels = 0;
    c.nodes = nodes;
    return fat_tree_shape(c).shape.levels;
  };
  EXPECT_EQ(levels(8), 1);
  EXPECT_EQ(levels(9), 2);
  EXPECT_EQ(levels(32), 2);
  EXPECT_EQ(levels(33), 3);
}

/// How each reference architecture is built. Spectrum-X is twin-planar: every GPU's 800 Gb/s port splits into two of
/// 400 Gb/s, each in a fat tree of its own; one plane is built here, switches count twice, and a cable carries both.
struct Architecture {
  std::int64_t scalable_unit, switch_ports, planes = 1;
  std::int64_t gpus_per_node = 8, management_cables = 0;
};
const std::map<std::string, Architecture, std::less<>> architectures{
    {"DGX-H100-NDR", {.scalable_unit = 32, .switch_ports = 64, .management_cables = 4}},  // to UFM
    {"DGX-B200-NDR", {.scalable_unit = 32, .switch_ports = 64}},
    {"DGX-B300-SpectrumX", {.scalable_unit = 64, .switch_ports = 128, .planes = 2}},
    {"DGX-B300-XDR", {.scalable_unit = 72, .switch_ports = 144}},
    {"DGX-GB200-NVL72", {.scalable_unit = 36, .switch_ports = 72, .gpus_per_node = 4}}};

TEST(FatTree, SuperPodCountsAreReproducedExactly) {
  Issues issues;
  const auto table = read_csv(PLENUM_TEST_ROOT "/superpod_counts.csv", issues);
  ASSERT_TRUE(table);
  for (const CsvTable::Row& row : table->rows) {
    const Architecture& a = architectures.find(table->cell(row, "system"))->second;
    ClusterSpecification specification;
    specification.nodes = std::stoll(std::string(table->cell(row, "nodes")));
    specification.node.gpus = specification.node.nics = a.gpus_per_node;
    specification.fabric.nodes_per_leaf_group = a.scalable_unit;
    specification.fabric.switch_ports = a.switch_ports;
    const Counts c = counts_of(specification);
    const auto expect = [&](const char* column, std::int64_t built) {
      const std::string published(table->cell(row, column));
      if (published.empty()) return;
      EXPECT_EQ(built, std::stoll(published)) << table->cell(row, "system") << " " << column;
    };
    expect("gpus", c.gpus);
    expect("leaf", a.planes * c.leaf);
    expect("spine", a.planes * c.spine);
    expect("core", a.planes * c.core);
    expect("node_leaf_cables", c.node_leaf_cables + a.management_cables);
    expect("leaf_spine_cables", c.leaf_spine_cables);
    expect("spine_core_cables", c.spine_core_cables);
  }
}

TEST(FatTree, BigChassisAsSpines) {  // Llama 3: 3,072-GPU pods of 192 racks, ceil(192 / 7) = 28 uplinks per spine
  ClusterSpecification c;
  c.nodes = 2048;
  c.fabric = {.levels = 3,
              .rail_optimized = false,
              .spine_ports = 288,
              .nodes_per_leaf_group = 2,
              .leaf_groups_per_pod = 192,
              .spines_per_pod = 16,
              .spine_oversubscription = 7};
  ASSERT_THAT(check(c), testing::IsEmpty());
  const FatTreeShape s = fat_tree_shape(c).shape;
  EXPECT_EQ(s.leaf_down, 16);
  EXPECT_EQ(s.leaf_up, 16);
  EXPECT_EQ(s.pods, 6);
  EXPECT_EQ(s.spine_down, 192);
  EXPECT_EQ(s.spine_up, 28);
  EXPECT_EQ(s.cores(), 64);  // 6 pods x 28 cables on 4 cores of 64 ports, for each of 16 spines
  const Counts counts = counts_of(c);
  EXPECT_EQ(counts.leaf, 1024);
  EXPECT_EQ(counts.spine, 96);
  EXPECT_EQ(counts.spine_core_cables, 96 * 28);
}

TEST(FatTree, SlowerNicsShareUplinks) {  // 32 NICs of 200 Gb/s fill 16 uplinks of 400 Gb/s
  ClusterSpecification c;
  c.nodes = 64;
  c.node.nic = BytesPerSecond(25e9);
  c.fabric.nodes_per_leaf_group = 32;
  EXPECT_EQ(fat_tree_shape(c).shape.leaf_up, 16);
}

TEST(FatTree, OversubscriptionIsKeptUpToWholeCables) {
  EXPECT_TRUE(rc::check([] {
    const ClusterSpecification c = arbitrary_cluster();
    RC_PRE(check(c).empty());
    const FatTreeShape s = fat_tree_shape(c).shape;
    RC_CLASSIFY(s.levels == 3);
    const auto whole = [](std::int64_t down, std::int64_t up, double ratio) {
      const double wanted = static_cast<double>(down) / ratio;
      RC_ASSERT(static_cast<double>(up) >= wanted - 1e-6);
      RC_ASSERT(static_cast<double>(up) < wanted + 1);
    };
    if (s.levels >= 2) whole(s.leaf_down, s.leaf_up, c.fabric.leaf_oversubscription);
    if (s.levels == 3) whole(s.spine_down, s.spine_up, c.fabric.spine_oversubscription);
  }));
}

TEST(FatTree, NoSwitchHasMoreCablesThanPorts) {
  EXPECT_TRUE(rc::check([] {
    const ClusterSpecification c = arbitrary_cluster();
    RC_PRE(check(c).empty());
    const Cluster cluster = build(c);
    const FatTreeSpecification& f = c.fabric;
    const std::map<VertexKind, std::int64_t> ports{{VertexKind::leaf, f.switch_ports},
                                                   {VertexKind::spine, f.spine_ports ? f.spine_ports : f.switch_ports},
                                                   {VertexKind::core, f.core_ports ? f.core_ports : f.switch_ports}};
    for (VertexId v = cluster.numbers.of(VertexKind::leaf, 0); v < num_vertices(cluster.graph); ++v) {
      RC_ASSERT(static_cast<std::int64_t>(out_degree(v, cluster.graph)) <= ports.at(cluster.graph[v].kind));
    }
  }));
}

TEST(FatTree, EveryLeafReachesEverySpineOfItsPodWithEquallyManyCables) {
  EXPECT_TRUE(rc::check([] {
    const ClusterSpecification c = arbitrary_cluster();
    RC_PRE(check(c).empty());
    const Cluster cluster = build(c);
    const FatTreeShape s = fat_tree_shape(c).shape;
    RC_PRE(s.levels >= 2);
    std::map<std::pair<VertexId, VertexId>, std::int64_t> cables;
    for (std::int64_t leaf = 0; leaf < s.leaves(); ++leaf) {
      const VertexId v = cluster.numbers.of(VertexKind::leaf, leaf);
      for (const EdgeId e : edges_from(v, cluster.graph)) {
        const VertexId t = target(e, cluster.graph);
        if (cluster.graph[t].kind != VertexKind::spine) continue;
        RC_ASSERT(cluster.graph[t].parent == cluster.graph[v].parent);
        ++cables[{v, t}];
      }
    }
    RC_ASSERT(static_cast<std::int64_t>(cables.size()) == s.leaves() * s.spines_per_pod);
    for (const auto& [ends, number] : cables) RC_ASSERT(number == s.leaf_up / s.spines_per_pod);
  }));
}

TEST(FatTree, AHundredThousandGpus) {
  ClusterSpecification c;
  c.nodes = 16384;
  c.fabric.core_ports = 128;
  const Counts counts = counts_of(c);
  EXPECT_EQ(counts.gpus, 131072);
  EXPECT_EQ(counts.spine_core_cables, 131072);
}

}  // namespace
}  // namespace plenum::topology
