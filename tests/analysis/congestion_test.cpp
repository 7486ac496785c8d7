// The committed congestion experiments: who loses how much to whom, against what links and flows say.
#include "analysis/congestion.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "fork.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::analysis {
namespace {

/// Seconds of each job: together, alone, unhindered.
std::vector<double> run(const std::string& name) {
  return plenum::test::in_child([&] {
    Issues issues;
    const auto loaded = scenario::load(name, {}, issues);
    const auto bound = scenario::bind(*loaded, issues);
    const auto idle = times_on_idle_fabric(*bound, true);
    std::vector<double> seconds;
    for (const auto& m : congestion(datacenter::simulate(*bound, {}), idle))
      for (const auto time : {m.together, m.alone, m.unhindered}) seconds.push_back(time.value());
    return seconds;
  });
}

TEST(Congestion, IncastSharesTheReceiversNic) {
  const auto s = run("congestion-incast");
  ASSERT_EQ(s.size(), 8u * 3);
  for (std::size_t job = 0; job < 8; ++job) {
    EXPECT_GT(s[3 * job] / s[3 * job + 1], 7.5);  // eight share; latency is not shared
    EXPECT_LE(s[3 * job] / s[3 * job + 1], 8.0);
    EXPECT_NEAR(s[3 * job + 1], s[3 * job + 2], 1e-9);
  }
}

TEST(Congestion, TenantsShareTheSpineAndSprayingDoesNotCollide) {
  const auto tenants = run("congestion-two-tenants");
  ASSERT_EQ(tenants.size(), 2u * 3);
  EXPECT_GT(tenants[0], 1.5 * tenants[1]);
  const auto ecmp = run("congestion-ring-ecmp"), spraying = run("congestion-ring-spraying");
  EXPECT_GT(ecmp[0], 1.5 * spraying[0]);
  EXPECT_NEAR(spraying[1], spraying[2], 1e-6);
  EXPECT_NEAR(ecmp[2], spraying[2], 1e-6);
}

TEST(Congestion, OversubscribedCoresSlowExperts) {
  const auto s = run("congestion-experts-across-pods");
  EXPECT_NEAR(s[0], s[1], 1e-9);
  EXPECT_GT(s[1], 1.5 * s[2]);
}

TEST(Congestion, ASlowCableIsARingsLoss) {
  const auto s = run("congestion-slow-link");
  EXPECT_NEAR(s[0], s[1], 1e-9);
  EXPECT_GT(s[1], 2 * s[2]);
}

}  // namespace
}  // namespace plenum::analysis
