// The committed congestion experiments: who loses how much to whom, against what links and flows say.
#include "analysis/congestion.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "fork.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::analysis {
namespace {

/// Seconds of each job: together, alone, unhindered, lost to itself, lost to damage.
constexpr std::size_t times = 5;
std::vector<double> run(const std::string& name) {
  return plenum::test::in_child([&] {
    Issues issues;
    const auto loaded = scenario::load(name, {}, issues);
    const auto bound = scenario::bind(*loaded, issues);
    const auto idle = times_on_idle_fabric(*bound, true);
    std::vector<double> seconds;
    for (const auto& m : congestion(datacenter::simulate(*bound, {}), idle))
      for (const auto time : {m.together, m.alone, m.unhindered, m.lost_to_itself(), m.lost_to_damage()})
        seconds.push_back(time.value());
    return seconds;
  });
}

TEST(Congestion, IncastSharesTheReceiversNic) {
  const auto s = run("congestion-incast");
  ASSERT_EQ(s.size(), 8 * times);
  for (std::size_t job = 0; job < 8; ++job) {
    const auto* of = &s[times * job];
    EXPECT_GT(of[0] / of[1], 7.5);  // eight share; latency is not shared
    EXPECT_LE(of[0] / of[1], 8.0);
    EXPECT_NEAR(of[1], of[2], 1e-9);
  }
}

TEST(Congestion, TenantsShareTheSpineAndSprayingDoesNotCollide) {
  const auto tenants = run("congestion-two-tenants");
  ASSERT_EQ(tenants.size(), 2 * times);
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
  EXPECT_NEAR(s[3], 0, 1e-9);  // no cable is shared
  EXPECT_NEAR(s[4], s[1] - s[2], 1e-9);
}

}  // namespace
}  // namespace plenum::analysis
