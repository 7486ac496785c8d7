// One collective on an idle fabric against the ring's closed form, folded against whole, and against what cables allow.
#include "sim/datacenter/collective_run.hpp"

#include <gtest/gtest.h>

#include "calibration/collective_model.hpp"
#include "fork.hpp"
#include "sim/datacenter/random_fabric.hpp"

namespace plenum::datacenter {
namespace {

using workload::CollectiveKind;

constexpr const char* architecture = "hopper";
constexpr Bytes gibibyte{std::int64_t{1} << 30};

/// Time and bus bandwidth.
std::vector<double> run(const topology::Cluster& cluster, const topology::Network& network, CollectiveKind kind,
                        std::int64_t gpus, bool fold, Bytes bytes = gibibyte) {
  return plenum::test::in_child([&] {
    const auto result = run_collective(cluster, network, architecture, kind, bytes, gpus, fold);
    return std::vector{result.time.value(), result.bus_bandwidth.value(), static_cast<double>(result.flows_unfolded),
                       static_cast<double>(result.flows_folded)};
  });
}

/// Nodes of 8 GPUs with 400 GB/s of NVLink and 50 GB/s of network each, two levels of full bisection.
topology::ClusterSpecification two_levels(std::int64_t nodes) {
  topology::ClusterSpecification specification;
  specification.nodes = nodes;
  specification.node.nvlink = BytesPerSecond(400e9);
  specification.node.nic = specification.fabric.link = BytesPerSecond(50e9);
  specification.fabric.nodes_per_leaf_group = 4;
  return specification;
}

std::vector<double> run_on(std::int64_t nodes, CollectiveKind kind, bool fold) {
  const auto specification = two_levels(nodes);
  const auto cluster = topology::build(specification);
  return run(cluster, *topology::make_network(cluster, specification), kind, 8 * nodes, fold);
}

/// How often the buffer passes each hop: 2 (n-1)/n in all_reduce, (n-1)/n in the others.
double passes(CollectiveKind kind, double n) { return (kind == CollectiveKind::all_reduce ? 2 : 1) * (n - 1) / n; }

TEST(CollectiveRun, OneNodeTakesTheClosedFormOfARing) {
  for (const auto kind : {CollectiveKind::all_reduce, CollectiveKind::all_gather, CollectiveKind::reduce_scatter}) {
    const auto c = calibration::ring_constants(architecture, false, 8, gibibyte);
    const double moved = passes(kind, 8) * static_cast<double>(gibibyte.value());
    const double latency = c.base.value() + passes(kind, 8) * 8 * c.intra_node_step.value();
    const double expected = latency + moved / (400e9 * c.nvlink_efficiency);
    EXPECT_NEAR(run_on(1, kind, true)[0], expected, 1e-9 * expected);
  }
}

TEST(CollectiveRun, ManyNodesTakeTheSlowerOfNetworkAndNvlink) {
  // Eight rings; each leaves a node through another NIC with 1/8 of the bytes, and a GPU passes seven on by NVLink.
  for (const std::int64_t nodes : {2, 4, 16, 64}) {
    const auto n = static_cast<double>(8 * nodes), m = static_cast<double>(nodes);
    const auto c = calibration::ring_constants(architecture, true, 8 * nodes, gibibyte);
    const double moved = passes(CollectiveKind::all_reduce, n) * static_cast<double>(gibibyte.value());
    const double latency =
        c.base.value() + 2 * (n - 1 - m) * c.intra_node_step.value() + 2 * m * c.inter_node_step.value();
    const double expected =
        latency + std::max(moved / 8 / (50e9 * c.network_efficiency), moved * 7 / 8 / (400e9 * c.nvlink_efficiency));
    EXPECT_NEAR(run_on(nodes, CollectiveKind::all_reduce, true)[0], expected, 1e-9 * expected) << nodes << " nodes";
  }
}

TEST(CollectiveRun, AThousandGpusFoldToTwoFlows) {
  const auto result = run_on(128, CollectiveKind::all_reduce, true);
  EXPECT_EQ(result[2], 2048);  // a hop by NVLink and a hop by network of every GPU
  EXPECT_EQ(result[3], 2);
}

TEST(CollectiveRun, ADegradedNicHalvesTheRing) {
  auto specification = two_levels(4);
  specification.degraded_links.push_back({"nic 9", "leaf 1", 0.5});
  const auto cluster = topology::build(specification);
  const auto network = topology::make_network(cluster, specification);
  const auto c = calibration::ring_constants(architecture, true, 32, gibibyte);
  const double latency = c.base.value() + 2 * 27 * c.intra_node_step.value() + 2 * 4 * c.inter_node_step.value();
  const double moved = passes(CollectiveKind::all_reduce, 32) * static_cast<double>(gibibyte.value()) / 8;
  const double expected = latency + moved / (25e9 * c.network_efficiency);
  for (const bool fold : {false, true}) {
    EXPECT_NEAR(run(cluster, *network, CollectiveKind::all_reduce, 32, fold)[0], expected, 1e-9 * expected);
  }
}

/// Every domain must let its bytes out by its NICs, every GPU its own by NVLink and NIC.
double bus_bandwidth_bound(const test::RandomFabric& fabric, std::int64_t gpus) {
  const auto& node = fabric.specification.node;
  const auto domain = node.gpus * node.nvlink_domain_nodes;
  const double gpu = node.nvlink.value() + node.pcie.value();
  return gpus <= domain ? gpu
                        : std::min(gpu, static_cast<double>(node.nics * node.nvlink_domain_nodes) * node.nic.value());
}

TEST(CollectiveRun, FoldedEqualsWholeAndNeverBeatsTheCablesOnRandomClusters) {
  const bool holds = rc::check([] {
    const auto fabric = test::arbitrary_fabric();
    const auto gpus = *rc::gen::inRange<std::int64_t>(2, fabric->gpus() + 1);
    const auto kind = *rc::gen::element(CollectiveKind::all_reduce, CollectiveKind::all_gather);
    const auto whole = run(fabric->cluster, *fabric->network, kind, gpus, false);
    const auto folded = run(fabric->cluster, *fabric->network, kind, gpus, true);
    RC_ASSERT(std::abs(folded[0] - whole[0]) <= 1e-9 * whole[0]);
    RC_ASSERT(folded[1] <= bus_bandwidth_bound(*fabric, gpus));
    RC_ASSERT(folded[3] <= whole[3]);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace plenum::datacenter
