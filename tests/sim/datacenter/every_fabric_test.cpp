// Every algorithm on every fabric: never faster than its closed form on an idle fabric, never above the graph's bound,
// folded as whole, and what enters a switch leaves it.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "fork.hpp"
#include "sim/datacenter/collective_run.hpp"
#include "sim/scenario/collective_situation.hpp"
#include "topologies/metrics.hpp"
#include "workloads/collective_pattern.hpp"

namespace plenum::datacenter {
namespace {

using topology::Dimension;
using topology::FabricKind;

constexpr Bytes size{720'720'000};  // divisible by all shares that occur
constexpr std::array fabrics{FabricKind::fat_tree,       FabricKind::multi_plane, FabricKind::torus,
                             FabricKind::mesh,           FabricKind::hyperx,      FabricKind::dragonfly,
                             FabricKind::dragonfly_plus, FabricKind::slim_fly,    FabricKind::product,
                             FabricKind::hamming_mesh};

/// Eight nodes of four GPUs and NICs.
topology::ClusterSpecification on(FabricKind kind) {
  topology::ClusterSpecification c;
  c.nodes = 8;
  c.node.gpus = c.node.nics = 4;
  c.fabric.kind = kind;
  auto& g = c.fabric.graph;
  g.groups = 2, g.switches_per_group = 4, g.spines = 4;
  g.dimensions = kind == FabricKind::slim_fly       ? std::vector<std::int64_t>{5}
                 : kind == FabricKind::hamming_mesh ? std::vector<std::int64_t>{2, 2, 2, 1}
                                                    : std::vector<std::int64_t>{4, 2};
  g.product = {{Dimension::ring, 4}, {Dimension::switched, 2}};
  if (kind == FabricKind::fat_tree) c.fabric.nodes_per_leaf_group = 2;
  return c;
}

struct Case {
  CollectiveKind kind;
  calibration::Method method;
};

std::vector<Case> cases(const calibration::Situation& situation) {
  std::vector<Case> found;
  for (std::size_t k = 0; k < collective_names.size(); ++k)
    for (std::size_t a = 0; a < algorithm_names.size(); ++a) {
      const Case one{static_cast<CollectiveKind>(k), {static_cast<CollectiveAlgorithm>(a), CollectiveProtocol::simple}};
      if (one.kind == CollectiveKind::send_receive) continue;  // two members of a node, not the group's situation
      if (calibration::refusal(situation, one.kind, one.method).empty()) found.push_back(one);
    }
  return found;
}

/// What must leave a node of four GPUs, of eight such nodes, per byte that bus bandwidth counts: 7/8 of the buffer in
/// each direction for every round that moves 31/32 of it, the whole buffer where all need it, once where switches add.
double crossing(CollectiveKind kind, CollectiveAlgorithm algorithm) {
  constexpr double round = 31.0 / 32, left = 7.0 / 8;
  switch (kind) {
    case CollectiveKind::all_reduce:
      return algorithm == CollectiveAlgorithm::collnet ? 1 / (2 * round) : left / round;
    case CollectiveKind::all_gather:
    case CollectiveKind::reduce_scatter:
      return left / round;
    case CollectiveKind::broadcast:
    case CollectiveKind::reduce:
      return 1;
    default:
      return 0;
  }
}

/// Bytes per channel, whole numbers.
std::vector<std::int64_t> carried(const workload::Pattern& pattern, const topology::Network& network) {
  std::vector<std::int64_t> bytes(network.channel_count());
  for (std::uint64_t label = 0; label < pattern.flows.size(); ++label) {
    const auto& flow = pattern.flows[label];
    std::vector<std::uint32_t> channels;
    network.route(flow.source, flow.destination, label, channels);
    for (const auto channel : channels) bytes[channel] += std::llround(flow.share * static_cast<double>(size.value()));
  }
  return bytes;
}

/// "leaf 3 -> spines of pod 0 (16 cables)": bundles have ends as cables have.
std::pair<std::string, std::string> ends_of(const std::string& channel) {
  const auto arrow = channel.find(" -> ");
  const auto to = channel.substr(arrow + 4);
  return {channel.substr(0, arrow), to.substr(0, to.find(" ("))};
}

/// What the busiest channel needs for the bytes it carries: the time of flows that all keep pace with each other.
double busiest_seconds(const workload::Pattern& pattern, const topology::Network& network,
                       const calibration::Timing& timing) {
  const auto bytes = carried(pattern, network);
  double most = 0;
  for (std::uint32_t id = 0; id < bytes.size(); ++id) {
    const auto channel = network.channel(id);
    const bool inside = channel.kind == topology::LinkKind::nvlink || channel.kind == topology::LinkKind::host;
    const double rate = channel.bandwidth.value() * (inside ? timing.nvlink_efficiency : timing.network_efficiency);
    most = std::max(most, static_cast<double>(bytes[id]) / rate);
  }
  return most;
}

class EveryFabric : public ::testing::TestWithParam<FabricKind> {
 protected:
  EveryFabric() : specification(on(GetParam())), cluster(topology::build(specification)), group(32) {
    std::iota(group.begin(), group.end(), 0u);
    situation = scenario::situation_of(cluster, specification, "hopper", group);
  }
  topology::ClusterSpecification specification;
  topology::Cluster cluster;
  std::vector<std::uint32_t> group;
  calibration::Situation situation;
};

TEST_P(EveryFabric, IsNoFasterThanItsClosedFormAndItsGraph) {
  ASSERT_TRUE(topology::check(specification).empty()) << topology::check(specification).front().message;
  const auto bounds = topology::analyze(cluster, specification);
  for (const auto& [kind, method] : cases(situation)) {
    const auto name = std::string(name_of(method.algorithm)) + " " + std::string(collective_names[std::size_t(kind)]);
    const CollectiveRequest request{
        .situation = situation, .kind = kind, .method = method, .bytes = size, .group = group, .weights = {}};
    const auto run = [&](bool fold) {
      return plenum::test::in_child([&] {
        const auto network = topology::make_network(cluster, specification);
        const auto result = run_collective(cluster, *network, request, fold);
        return std::vector{result.time.value(), result.bus_bandwidth.value()};
      });
    };
    const auto whole = run(false), folded = run(true);
    const double alone = calibration::alone(situation, kind, method, size).value();
    EXPECT_NEAR(folded[0], whole[0], 1e-9 * whole[0]) << name;
    EXPECT_GE(whole[0], alone * (1 - 1e-9)) << name;
    if (const double crosses = crossing(kind, method.algorithm); crosses > 0) {
      EXPECT_LE(whole[1] * crosses, bounds.all_reduce_bound.value() * (1 + 1e-9)) << name;
    }
    if (kind == CollectiveKind::all_to_all) {  // the bound counts what crosses nodes: 28 of 31 partners
      EXPECT_LE(whole[1] * 28 / 31, bounds.all_to_all_bound.value() * (1 + 1e-9)) << name;
    }
  }
}

// Where one strand is all that moves, its closed form on any fabric is what its busiest channel needs; more strands may
// share channels unevenly, but never take less.
TEST_P(EveryFabric, TakesWhatItsBusiestChannelNeeds) {
  std::int64_t exact = 0;
  for (const auto& [kind, method] : cases(situation)) {
    const auto pattern = workload::pattern_of(kind, method.algorithm, scenario::domains_of(cluster, group));
    const auto timing = calibration::timing(situation, kind, method, size);
    const auto network = topology::make_network(cluster, specification);
    const CollectiveRequest request{
        .situation = situation, .kind = kind, .method = method, .bytes = size, .group = group, .weights = {}};
    const double took = plenum::test::in_child([&] {
      const auto routes = topology::make_network(cluster, specification);  // adaptive ones remember loads
      return std::vector{run_collective(cluster, *routes, request, true).time.value()};
    })[0];
    const double needed = timing.total(Seconds(busiest_seconds(pattern, *network, timing))).value();
    const auto name = std::string(name_of(method.algorithm)) + " " + std::string(collective_names[std::size_t(kind)]);
    EXPECT_GE(took, needed * (1 - 1e-9)) << name;
    const bool one_strand = !pattern.independent && std::ranges::all_of(pattern.flows, [&](const auto& flow) {
      return flow.share == pattern.flows.front().share;
    });
    if (!one_strand) continue;
    EXPECT_NEAR(took, needed, 1e-9 * needed) << name;
    ++exact;
  }
  EXPECT_GT(exact, 0);
}

TEST_P(EveryFabric, LetsOutOfSwitchesWhatEnters) {
  const auto network = topology::make_network(cluster, specification);
  for (const auto& [kind, method] : cases(situation)) {
    const auto pattern = workload::pattern_of(kind, method.algorithm, scenario::domains_of(cluster, group));
    const auto bytes = carried(pattern, *network);
    std::map<std::string, std::int64_t> balance;
    for (std::uint32_t id = 0; id < bytes.size(); ++id) {
      if (bytes[id] == 0) continue;
      const auto [from, to] = ends_of(network->channel_name(id));
      balance[from] -= bytes[id];
      balance[to] += bytes[id];
    }
    for (const auto& [vertex, sum] : balance) {
      if (vertex.starts_with("gpu ")) continue;
      EXPECT_EQ(sum, 0) << vertex;
    }
  }
}

// 24 ranks: 16 halve and double, the buffers of the others come before and go back after.
TEST_P(EveryFabric, HalvesAndDoublesAmongRanksThatAreNoPowerOfTwo) {
  constexpr calibration::Method method{CollectiveAlgorithm::halving_doubling, CollectiveProtocol::simple};
  group.resize(24);
  const CollectiveRequest request{.situation = scenario::situation_of(cluster, specification, "hopper", group),
                                  .kind = CollectiveKind::all_reduce,
                                  .method = method,
                                  .bytes = size,
                                  .group = group,
                                  .weights = {}};
  const auto run = [&](bool fold) {
    return plenum::test::in_child([&] {
      const auto network = topology::make_network(cluster, specification);
      return std::vector{run_collective(cluster, *network, request, fold).time.value()};
    })[0];
  };
  const double whole = run(false);
  EXPECT_NEAR(run(true), whole, 1e-9 * whole);
  EXPECT_GE(whole, calibration::alone(request.situation, request.kind, method, size).value() * (1 - 1e-9));
  const auto pattern = workload::pattern_of(request.kind, method.algorithm, scenario::domains_of(cluster, group));
  const auto timing = calibration::timing(request.situation, request.kind, method, size);
  const auto network = topology::make_network(cluster, specification);
  EXPECT_GE(whole, timing.total(Seconds(busiest_seconds(pattern, *network, timing))).value() * (1 - 1e-9));
}

/// Fat trees have no ideal routing apart: their spreading is.
class EveryGraphOfSwitches : public EveryFabric {};

TEST_P(EveryGraphOfSwitches, NoRoutingBeatsTheIdealOne) {
  using topology::RoutingKind;
  const auto seconds = [&](RoutingKind routing, CollectiveKind kind, CollectiveAlgorithm algorithm, bool fold) {
    specification.fabric.routing = routing;
    return plenum::test::in_child([&] {
      const auto network = topology::make_network(cluster, specification);
      const CollectiveRequest request{.situation = situation,
                                      .kind = kind,
                                      .method = {algorithm, CollectiveProtocol::simple},
                                      .bytes = size,
                                      .group = group,
                                      .weights = {}};
      return std::vector{run_collective(cluster, *network, request, fold).time.value()};
    })[0];
  };
  for (const auto& [kind, algorithm] : {std::pair{CollectiveKind::all_to_all, CollectiveAlgorithm::direct},
                                        std::pair{CollectiveKind::all_gather, CollectiveAlgorithm::ring}}) {
    const double ideal = seconds(RoutingKind::ideal, kind, algorithm, true);
    EXPECT_NEAR(ideal, seconds(RoutingKind::ideal, kind, algorithm, false), 1e-9 * ideal);
    for (const auto routing : {RoutingKind::spread, RoutingKind::ecmp, RoutingKind::valiant, RoutingKind::ugal,
                               RoutingKind::valiant_packets})
      EXPECT_GE(seconds(routing, kind, algorithm, true), ideal * (1 - 1e-9));
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryFabric, ::testing::ValuesIn(fabrics));
INSTANTIATE_TEST_SUITE_P(All, EveryGraphOfSwitches, ::testing::ValuesIn(fabrics.begin() + 1, fabrics.end()));

}  // namespace
}  // namespace plenum::datacenter
