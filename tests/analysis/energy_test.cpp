#include "analysis/energy.hpp"

#include <gtest/gtest.h>

namespace plenum::analysis {
namespace {

scenario::Bound h100_nodes() {
  scenario::Bound bound;
  bound.specification.node.gpus = 8;
  bound.device.specification.architecture = "hopper";
  bound.device.specification.power = Watts(700);
  bound.economy.power_usage_effectiveness = 1.25;
  return bound;
}

double power_of_a_node(const scenario::Bound& bound) { return node_power(bound, bound.device).value(); }

TEST(Energy, AnH100NodeDrawsWhatWasMeasured) { EXPECT_DOUBLE_EQ(power_of_a_node(h100_nodes()), 8400); }

TEST(Energy, AMeasuredNodeComesFirst) {
  auto bound = h100_nodes();
  bound.economy.node_power = Watts(7000);
  EXPECT_DOUBLE_EQ(power_of_a_node(bound), 7000);
}

TEST(Energy, WholeNodesAreCooled) { EXPECT_DOUBLE_EQ(facility_power(h100_nodes(), 0, 9).value(), 2 * 8400 * 1.25); }

TEST(Energy, NodesOfAMixedClusterDrawWhatTheirGpusDraw) {
  auto bound = h100_nodes();
  bound.specification.gpu = "H100-SXM";
  bound.specification.nodes = 3;
  bound.specification.other_nodes = {{.first = 1, .count = 1, .preset = {}, .gpu = "A100-80GB-SXM"}};
  auto& older = bound.other_devices["A100-80GB-SXM"];
  older.specification.architecture = "ampere";
  older.specification.power = Watts(400);
  EXPECT_DOUBLE_EQ(facility_power(bound, 0, 24).value(), (2 * 8400 + 6550) * 1.25);
  EXPECT_DOUBLE_EQ(facility_power(bound, 8, 8).value(), 6550 * 1.25);
}

}  // namespace
}  // namespace plenum::analysis
