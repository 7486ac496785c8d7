// Leaving out implied limits changes no max-min rate, on textbook cases and on random routes.
#include "sim/datacenter/implied_limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/random.hpp"
#include "sim/engine/max_min.hpp"

namespace plenum::datacenter {
namespace {

Routes routes_of(const std::vector<std::vector<std::uint32_t>>& flows) {
  Routes routes;
  for (const auto& channels : flows) {
    routes.channels.insert(routes.channels.end(), channels.begin(), channels.end());
    routes.first.push_back(static_cast<std::uint32_t>(routes.channels.size()));
  }
  return routes;
}

std::vector<double> rates(const Routes& routes, const std::vector<double>& capacity) {
  std::vector<test::FluidFlow> flows(routes.flows());
  std::vector<std::size_t> all;
  for (std::size_t flow = 0; flow < flows.size(); ++flow) {
    for (const auto channel : routes.of(flow)) flows[flow].uses.push_back({channel, 1});
    all.push_back(flow);
  }
  return test::max_min_rates(capacity, flows, all);
}

TEST(ImpliedLimits, AUplinkWithFullBisectionIsImpliedByItsNics) {
  // Channels: NICs 0 and 1 of 50, uplink 2 of 100; with an uplink of 99 it counts.
  const auto routes = routes_of({{0, 2}, {1, 2}});
  EXPECT_THAT(without_implied_limits(routes, {50, 50, 100}).channels, testing::ElementsAre(0, 1));
  EXPECT_THAT(without_implied_limits(routes, {50, 50, 99}).channels, testing::ElementsAre(0, 2, 1, 2));
}

TEST(ImpliedLimits, OnlyNicsWithTrafficCount) {
  // Oversubscribed 2:1 by its four NICs, but two of them send elsewhere.
  const auto routes = routes_of({{0, 4}, {1, 4}, {2, 5}, {3, 5}});
  EXPECT_THAT(without_implied_limits(routes, {50, 50, 50, 50, 100, 100}).channels, testing::ElementsAre(0, 1, 2, 3));
}

TEST(ImpliedLimits, OfEqualChannelsTheFirstStays) {
  const auto rest = without_implied_limits(routes_of({{0, 1, 2}}), {50, 50, 50});
  EXPECT_THAT(rest.channels, testing::ElementsAre(0));
}

TEST(ImpliedLimits, PcieBehindANarrowerNicIsImplied) {
  // Channel 1 is the NIC that both flows leave by; it stands for the equally fast ones behind it, too.
  const auto rest = without_implied_limits(routes_of({{0, 1, 2, 3}, {0, 1, 4, 5}}), {63, 50, 50, 63, 50, 63});
  EXPECT_THAT(rest.channels, testing::ElementsAre(1, 1));
}

TEST(ImpliedLimits, ADownlinkIsImpliedByTheNicsBehindIt) {
  // Two flows from afar down one channel of 100 into two NICs of 50; their sources are shared with others.
  const auto rest =
      without_implied_limits(routes_of({{0, 2, 3}, {1, 2, 4}, {0, 5}, {1, 6}}), {60, 60, 100, 50, 50, 50, 50});
  EXPECT_THAT(rest.channels, testing::ElementsAre(0, 3, 1, 4, 0, 5, 1, 6));
}

TEST(ImpliedLimits, AChannelThatIsUsedTwiceIsLoadedTwice) {
  const auto routes = routes_of({{0, 2, 2}, {1, 2, 2}});
  EXPECT_THAT(without_implied_limits(routes, {50, 50, 200}).channels, testing::ElementsAre(0, 1));
  EXPECT_THAT(without_implied_limits(routes, {50, 50, 199}).channels, testing::ElementsAre(0, 2, 2, 1, 2, 2));
}

TEST(ImpliedLimits, RatesOfRandomRoutesStayTheSame) {
  RandomStream random(1, "routes");
  std::size_t before = 0, after = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto channels = 2 + random.below(8);
    std::vector<double> capacity;
    for (std::uint64_t c = 0; c < channels; ++c) capacity.push_back(static_cast<double>(1 + random.below(4)));
    std::vector<std::vector<std::uint32_t>> flows(1 + random.below(8));
    for (auto& flow : flows) {  // any order: not only up and down
      for (std::uint32_t c = 0; c < channels; ++c) {
        if (random.below(3) == 0)
          flow.insert(flow.begin() + static_cast<std::ptrdiff_t>(random.below(flow.size() + 1)), c);
      }
      if (random.below(4) == 0 && !flow.empty()) {  // one of them is used several times
        const auto place = flow.begin() + static_cast<std::ptrdiff_t>(random.below(flow.size()));
        flow.insert(place, 1 + random.below(3), *place);
      }
      if (flow.empty()) flow.push_back(static_cast<std::uint32_t>(random.below(channels)));
    }
    const auto whole = routes_of(flows), rest = without_implied_limits(whole, capacity);
    for (std::size_t flow = 0; flow < flows.size(); ++flow) ASSERT_FALSE(rest.of(flow).empty()) << "case " << i;
    const auto expected = rates(whole, capacity), got = rates(rest, capacity);
    for (std::size_t flow = 0; flow < flows.size(); ++flow) {
      ASSERT_NEAR(got[flow], expected[flow], 1e-11 * expected[flow]) << "case " << i << ", flow " << flow;
    }
    before += whole.channels.size();
    after += rest.channels.size();
  }
  EXPECT_LT(after, before * 9 / 10) << "hardly anything was left out: nothing was tested";
}

}  // namespace
}  // namespace plenum::datacenter
