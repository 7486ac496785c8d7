// The graph itself: names, order, connectivity.
#include "topologies/cluster.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "topologies/clusters.hpp"

namespace plenum::topology {
namespace {

TEST(Cluster, NamesAreFoundAgain) {
  EXPECT_TRUE(rc::check([] {
    const ClusterSpecification c = arbitrary_cluster();
    RC_PRE(check(c).empty());
    const Cluster cluster = build(c);
    for (VertexId v = 0; v < num_vertices(cluster.graph); ++v) {
      RC_ASSERT(find_vertex(cluster, name_of(cluster.graph[v])) == v);
    }
  }));
}

TEST(Cluster, NamesOfNothingAreNotFound) {
  ClusterSpecification c;
  c.nodes = 9;
  const Cluster cluster = build(c);
  EXPECT_EQ(find_vertex(cluster, "gpu 71"), cluster.gpus.back());
  for (const char* name : {"", "gpu", "gpu ", "gpu 72", "gpu -1", "gpu 1 ", "gpu  1", "gpu 0x1", "Gpu 1", "leaf 8",
                           "core 0", "gpu 99999999999999999999", " 1", "gpu1"}) {
    EXPECT_EQ(find_vertex(cluster, name), Graph::null_vertex()) << name;
  }
}

TEST(Cluster, EveryLinkHasItsReverse) {
  EXPECT_TRUE(rc::check([] {
    const ClusterSpecification c = arbitrary_cluster();
    RC_PRE(check(c).empty());
    const Cluster cluster = build(c);
    for (const EdgeId e : boost::make_iterator_range(edges(cluster.graph))) {
      const auto [back, exists] = edge(target(e, cluster.graph), source(e, cluster.graph), cluster.graph);
      RC_ASSERT(exists);
      RC_ASSERT(cluster.graph[back].bandwidth == cluster.graph[e].bandwidth);
      RC_ASSERT(cluster.graph[back].kind == cluster.graph[e].kind);
    }
  }));
}

TEST(Cluster, EveryFabricConnectsItsGpus) {
  EXPECT_TRUE(rc::check([] {
    const ClusterSpecification c = arbitrary_cluster();
    RC_PRE(check(c).empty());
    const Cluster cluster = build(c);
    std::vector<std::uint32_t> gpus(cluster.gpus.size());
    std::iota(gpus.begin(), gpus.end(), 0U);
    RC_ASSERT(connected(cluster, gpus));
  }));
}

TEST(Cluster, NodesWithoutFabricAreNotConnected) {
  ClusterSpecification c;
  c.nodes = 2;
  c.fabric.kind = FabricKind::none;
  const Cluster cluster = build(c);
  const std::vector<std::uint32_t> one_node{0, 3, 7}, two_nodes{0, 3, 8};
  EXPECT_TRUE(connected(cluster, one_node));
  EXPECT_FALSE(connected(cluster, two_nodes));
  EXPECT_TRUE(connected(cluster, {}));
}

TEST(Cluster, GpusShareNics) {  // 4 GPUs, 2 NICs: GPU g on NIC g / 2
  ClusterSpecification c;
  c.nodes = 3;
  c.node.gpus = 4;
  c.node.nics = 2;
  const Cluster cluster = build(c);
  for (std::uint32_t gpu = 0; gpu < 12; ++gpu) {
    EXPECT_TRUE(edge(cluster.gpus[gpu], cluster.numbers.of(VertexKind::nic, gpu / 2), cluster.graph).second) << gpu;
  }
}

TEST(Cluster, NvlinkDomainsSpanNodes) {  // GB200 NVL72: 18 trays of 4; 40 trays are two racks and a part of a third
  ClusterSpecification c;
  c.nodes = 40;
  c.node = {.gpus = 4, .nvlink_domain_nodes = 18, .nics = 4};
  const Cluster cluster = build(c);
  ASSERT_EQ(count(cluster).nvswitches, 3);
  const auto gpus_of = [&](std::int64_t domain) {
    return out_degree(cluster.numbers.of(VertexKind::nvswitch, domain), cluster.graph);
  };
  EXPECT_EQ(gpus_of(0), 72U);
  EXPECT_EQ(gpus_of(1), 72U);
  EXPECT_EQ(gpus_of(2), 16U);
  EXPECT_EQ(cluster.graph[cluster.numbers.of(VertexKind::nvswitch, 1)].parent, 18U);
}

TEST(Cluster, ASingleGpuHasNoNvswitch) {
  ClusterSpecification c;
  c.node.gpus = c.node.nics = 1;
  EXPECT_EQ(count(build(c)).nvswitches, 0);
}

}  // namespace
}  // namespace plenum::topology
