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

TEST(Energy, AnH100NodeDrawsWhatWasMeasured) { EXPECT_DOUBLE_EQ(node_power(h100_nodes()).value(), 8400); }

TEST(Energy, AMeasuredNodeComesFirst) {
  auto bound = h100_nodes();
  bound.economy.node_power = Watts(7000);
  EXPECT_DOUBLE_EQ(node_power(bound).value(), 7000);
}

TEST(Energy, WholeNodesAreCooled) { EXPECT_DOUBLE_EQ(facility_power(h100_nodes(), 9).value(), 2 * 8400 * 1.25); }

}  // namespace
}  // namespace plenum::analysis
