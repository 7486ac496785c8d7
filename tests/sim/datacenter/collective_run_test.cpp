// One collective on an idle fabric against the ring's closed form, folded against whole, and against what cables allow.
#include "sim/datacenter/collective_run.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "fork.hpp"
#include "sim/datacenter/random_fabric.hpp"
#include "sim/scenario/collective_situation.hpp"

namespace plenum::datacenter {
namespace {

using workload::CollectiveKind;

constexpr const char* architecture = "hopper";
constexpr Bytes gibibyte{std::int64_t{1} << 30};
constexpr calibration::Method ring_simple{};

struct Machine {
  const topology::ClusterSpecification& specification;
  const topology::Cluster& cluster;
  const topology::Network& network;
};

CollectiveRequest request_of(const Machine& machine, CollectiveKind kind, calibration::Method method, std::int64_t gpus,
                             Bytes bytes = gibibyte) {
  std::vector<std::uint32_t> group(static_cast<std::size_t>(gpus));
  std::iota(group.begin(), group.end(), 0u);
  const auto situation = scenario::situation_of(machine.cluster, machine.specification, architecture, group);
  return {.situation = situation, .kind = kind, .method = method, .bytes = bytes, .group = group};
}

/// Time, bus bandwidth, flows.
std::vector<double> run(const Machine& machine, const CollectiveRequest& request, bool fold) {
  return plenum::test::in_child([&] {
    const auto result = run_collective(machine.cluster, machine.network, request, fold);
    return std::vector{result.time.value(), result.bus_bandwidth.value(), static_cast<double>(result.flows_unfolded),
                       static_cast<double>(result.flows_folded)};
  });
}

double closed_form(const CollectiveRequest& r) {
  return calibration::alone(r.situation, r.kind, r.method, r.bytes).value();
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

/// Runs on so many nodes, and what the closed form says.
std::pair<std::vector<double>, double> run_on(std::int64_t nodes, CollectiveKind kind, calibration::Method method,
                                              Bytes bytes = gibibyte) {
  const auto specification = two_levels(nodes);
  const auto cluster = topology::build(specification);
  const auto network = topology::make_network(cluster, specification);
  const Machine machine{specification, cluster, *network};
  const auto request = request_of(machine, kind, method, 8 * nodes, bytes);
  return {run(machine, request, true), closed_form(request)};
}

using Algorithm = CollectiveAlgorithm;
using Protocol = CollectiveProtocol;

TEST(CollectiveRun, TakesTheClosedFormOfEveryAlgorithm) {
  for (const std::int64_t nodes : {1, 2, 4, 8})
    for (std::size_t a = 0; a < algorithm_names.size(); ++a)
      for (const auto kind : {CollectiveKind::all_reduce, CollectiveKind::all_gather, CollectiveKind::reduce_scatter,
                              CollectiveKind::broadcast, CollectiveKind::all_to_all})
        for (const auto bytes : {Bytes(4096), gibibyte}) {
          const calibration::Method method{static_cast<Algorithm>(a), Protocol::simple};
          const calibration::Situation situation{
              .architecture = architecture, .ranks = 8 * nodes, .domains = nodes, .switches_add = true};
          if (!calibration::refusal(situation, kind, method).empty()) continue;
          const auto [result, expected] = run_on(nodes, kind, method, bytes);
          EXPECT_NEAR(result[0], expected, 1e-9 * expected)
              << name_of(method.algorithm) << " of " << collective_names[static_cast<std::size_t>(kind)] << " on "
              << nodes << " nodes";
        }
}

// Ranks beyond the largest power of two fold into their neighbours: on one node a rank with such a neighbour moves
// 1 + 2(p-1)/p of the buffer either way, elsewhere the NIC of the busiest rank counts.
TEST(CollectiveRun, HalvesAndDoublesAmongAnyNumberOfRanks) {
  const calibration::Method method{Algorithm::halving_doubling, Protocol::simple};
  const auto specification = two_levels(1);
  const auto cluster = topology::build(specification);
  const auto network = topology::make_network(cluster, specification);
  const Machine machine{specification, cluster, *network};
  for (const auto& [gpus, moved] : {std::pair{3, 2.0}, {4, 1.5}, {6, 2.5}, {7, 2.5}, {8, 1.75}}) {
    const auto request = request_of(machine, CollectiveKind::all_reduce, method, gpus);
    const auto timing = calibration::timing(request.situation, request.kind, method, gibibyte);
    const double flows = static_cast<double>(gibibyte.value()) * moved / (400e9 * timing.nvlink_efficiency);
    const double expected = timing.total(Seconds(flows)).value();
    EXPECT_NEAR(closed_form(request), expected, 1e-9 * expected) << gpus;
    for (const bool fold : {false, true})
      EXPECT_NEAR(run(machine, request, fold)[0], expected, 1e-9 * expected) << gpus;
  }
  for (const std::int64_t nodes : {3, 5, 6, 7}) {
    const auto [result, expected] = run_on(nodes, CollectiveKind::all_reduce, method);
    EXPECT_NEAR(result[0], expected, 1e-9 * expected) << nodes << " nodes";
  }
}

// Each of 8 rails sends its eighth once up to the leaf, once up to the spines from each of two leaf groups, and back;
// rings send twice as much. Where leaves have an eighth of the bandwidth up, only what crosses them counts.
TEST(CollectiveRun, SwitchesThatAddSendASumOnceOverEveryUplink) {
  auto specification = two_levels(8);
  specification.fabric.leaf_oversubscription = 8;  // four nodes of a group meet, their leaf has one cable of 50 GB/s up
  specification.fabric.nodes_per_leaf_group = 4;
  const auto cluster = topology::build(specification);
  const auto network = topology::make_network(cluster, specification);
  const Machine machine{specification, cluster, *network};
  const auto request =
      request_of(machine, CollectiveKind::all_reduce, {Algorithm::collnet, Protocol::simple}, 64, gibibyte);
  const auto t = calibration::timing(request.situation, request.kind, request.method, request.bytes);
  const double rail = static_cast<double>(gibibyte.value()) / 8;
  const double nic = rail / (50e9 * t.network_efficiency);
  const double link = 14 * rail / (400e9 * t.nvlink_efficiency);
  const double expected = t.total(Seconds(std::max(nic, link))).value();
  for (const bool fold : {false, true}) EXPECT_NEAR(run(machine, request, fold)[0], expected, 1e-9 * expected);
  // NVLink bounds the sum here; rings cross the uplinks with nearly twice the bytes, which bounds them.
  const auto ring = request_of(machine, CollectiveKind::all_reduce, ring_simple, 64, gibibyte);
  EXPECT_GT(run(machine, ring, true)[0], expected);
}

TEST(CollectiveRun, AThousandGpusFoldToTwoFlows) {
  const auto result = run_on(128, CollectiveKind::all_reduce, ring_simple).first;
  EXPECT_EQ(result[2], 2048);  // a hop by NVLink and a hop by network of every GPU
  EXPECT_EQ(result[3], 2);
}

/// Measured hops contain the latency of usual links; every hop pays what is beyond it.
TEST(CollectiveRun, PaysForTheLatencyOfItsLinks) {
  const auto time_with = [](double domain, double cable) {
    auto specification = two_levels(4);
    specification.node.nvlink_latency = Seconds(domain);
    specification.fabric.link_latency = Seconds(cable);
    const auto cluster = topology::build(specification);
    const auto network = topology::make_network(cluster, specification);
    const Machine machine{specification, cluster, *network};
    return run(machine, request_of(machine, CollectiveKind::all_gather, ring_simple, 32, Bytes(32)), true)[0];
  };
  const double usual = time_with(1e-6, 0.6e-6);
  // 31 hops, 3 of them between nodes, over two cables where all nodes share their leaves.
  EXPECT_NEAR(time_with(11e-6, 0.6e-6) - usual, 28 * 10e-6, 1e-7);
  EXPECT_NEAR(time_with(1e-6, 10.6e-6) - usual, 3 * 2 * 10e-6, 1e-7);
}

TEST(CollectiveRun, ADegradedNicHalvesTheRing) {
  auto specification = two_levels(4);
  specification.degraded_links.push_back({"nic 9", "leaf 1", 0.5});
  const auto cluster = topology::build(specification);
  const auto network = topology::make_network(cluster, specification);
  const Machine machine{specification, cluster, *network};
  const auto request = request_of(machine, CollectiveKind::all_reduce, ring_simple, 32);
  const auto t = calibration::timing(request.situation, request.kind, request.method, request.bytes);
  const double moved = 2 * 31.0 / 32 * static_cast<double>(gibibyte.value()) / 8;
  const double expected = t.total(Seconds(moved / (25e9 * t.network_efficiency))).value();
  for (const bool fold : {false, true}) EXPECT_NEAR(run(machine, request, fold)[0], expected, 1e-9 * expected);
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
    const Machine machine{fabric->specification, fabric->cluster, *fabric->network};
    const auto request = request_of(machine, kind, ring_simple, gpus);
    const auto whole = run(machine, request, false);
    const auto folded = run(machine, request, true);
    RC_ASSERT(std::abs(folded[0] - whole[0]) <= 1e-9 * whole[0]);
    RC_ASSERT(folded[1] <= bus_bandwidth_bound(*fabric, gpus));
    RC_ASSERT(folded[3] <= whole[3]);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace plenum::datacenter
