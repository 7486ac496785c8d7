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
          const auto t = run_exchange(*network, e, true);
          return std::vector{t.dispatch.value(), t.combine.value()};
        });
        const double dispatch = calibration::alone(e).value();
        e.combine = true;
        const double combine = calibration::alone(e).value();
        EXPECT_NEAR(times[0], dispatch, 1e-9 * dispatch) << nodes << " nodes";
        EXPECT_NEAR(times[1], combine, 1e-9 * combine) << nodes << " nodes";
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
