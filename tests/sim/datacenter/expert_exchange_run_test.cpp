// Dispatch and combine on the graph against their closed form, and what the copies amount to.
#include "sim/datacenter/expert_exchange_run.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "fork.hpp"
#include "topologies/specification.hpp"
#include "workloads/collectives/expert_exchange.hpp"

namespace plenum::datacenter {
namespace {

using calibration::ExchangeMode;

topology::ClusterSpecification nodes_of_eight(std::int64_t nodes) {
  topology::ClusterSpecification specification;
  specification.nodes = nodes;
  return specification;
}

TEST(ExpertExchange, TakesTheClosedForm) {
  for (const std::int64_t nodes : {1, 2, 4})
    for (const auto mode : {ExchangeMode::normal, ExchangeMode::low_latency})
      for (const std::int64_t tokens : {1, 128, 65536}) {
        const auto specification = nodes_of_eight(nodes);
        const auto cluster = topology::build(specification);
        const auto network = topology::make_network(cluster, specification);
        calibration::ExpertExchange e{.mode = mode, .ranks = 8 * nodes, .domains = nodes, .tokens = tokens};
        const auto times = test::in_child([&] {
          const auto t = run_exchange(route_exchange(*network, e), e);
          return std::vector{t.dispatch.value(), t.combine.value()};
        });
        const double dispatch = calibration::alone(e).value();
        e.combine = true;
        const double combine = calibration::alone(e).value();
        EXPECT_NEAR(times[0], dispatch, 1e-9 * dispatch) << nodes << " nodes";
        EXPECT_NEAR(times[1], combine, 1e-9 * combine) << nodes << " nodes";
      }
}

// One work per share on the channels' loads takes as long as every flow on every channel, also where hashes collide, a
// NIC is slow, or tokens pass the NVLink of a neighbour on their rail.
TEST(ExpertExchange, TakesAsLongUnfolded) {
  for (const int variant : {0, 1, 2, 3})
    for (const auto mode : {ExchangeMode::normal, ExchangeMode::low_latency}) {
      auto specification = nodes_of_eight(4);
      if (variant == 1) specification.fabric.routing = topology::RoutingKind::ecmp;
      if (variant == 2) specification.degraded_links = {{"gpu 9", "nic 9", 0.1}, {"nvswitch 1", "gpu 12", 0.01}};
      if (variant == 3) specification.fabric.levels = 1, specification.node.nvlink = BytesPerSecond(10e9);
      ASSERT_TRUE(topology::check(specification).empty());
      const auto cluster = topology::build(specification);
      const auto network = topology::make_network(cluster, specification);
      const calibration::ExpertExchange e{.mode = mode, .ranks = 32, .domains = 4, .tokens = 4096};
      const auto run = [&](bool fold) {
        return test::in_child([&] {
          const auto t = fold ? run_exchange(route_exchange(*network, e), e) : run_exchange_unfolded(*network, e);
          return std::vector{t.dispatch.value(), t.combine.value()};
        });
      };
      const auto folded = run(true), whole = run(false);
      EXPECT_NEAR(folded[0], whole[0], 1e-9 * whole[0]) << variant;
      EXPECT_NEAR(folded[1], whole[1], 1e-9 * whole[1]) << variant;
    }
}

// Eight draws among eight GPUs reach 8 (1 - (7/8)^8) = 5.25 of them; low latency sends all eight copies.
TEST(ExpertExchange, SendsACopyPerPlaceOrOnePerExpert) {
  const std::vector<std::uint32_t> one_node(8, 0);
  double normal = 0, low_latency = 0;
  for (const auto& flow : workload::expert_exchange(one_node, 8, false).flows)
    normal += flow.source == 0 ? flow.share : 0;
  for (const auto& flow : workload::expert_exchange(one_node, 8, true).flows)
    low_latency += flow.source == 0 ? flow.share : 0;
  EXPECT_NEAR(normal, 7 * (1 - std::pow(7.0 / 8, 8)), 1e-12);
  EXPECT_NEAR(low_latency, 7, 1e-12);
}

}  // namespace
}  // namespace plenum::datacenter
