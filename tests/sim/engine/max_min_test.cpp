// The engine against an independent solver, on random sets of flows.
#include "max_min.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "fork.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/engine.hpp"

namespace plenum::engine {
namespace {

struct FlowSet {
  std::vector<double> capacity;
  std::vector<test::FluidFlow> flows;
};

/// Up to 8 resources with capacities over 6 decades, up to 20 flows with shares 1..8, starts staggered over the time
/// that they take, a quarter of them limited.
FlowSet random_set(RandomStream& random) {
  FlowSet set;
  const auto resources = 1 + random.below(8), flows = 1 + random.below(20);
  for (std::uint64_t i = 0; i < resources; ++i) set.capacity.push_back(1e6 * std::pow(1e6, random.uniform()));
  for (std::uint64_t i = 0; i < flows; ++i) {
    test::FluidFlow flow;
    flow.amount = 1e3 * std::pow(1e6, random.uniform());
    for (std::size_t resource = 0; resource < resources; ++resource) {
      if (random.below(3) == 0) flow.uses.push_back({resource, static_cast<double>(1 + random.below(8))});
    }
    if (flow.uses.empty()) flow.uses.push_back({random.below(resources), 1});
    if (random.below(2) == 0) flow.start = random.uniform();
    if (random.below(4) == 0) flow.rate_limit = 1e5 * std::pow(1e6, random.uniform());
    set.flows.push_back(flow);
  }
  return set;
}

/// Completion times of all flows of the sets, which have nothing in common, in one simulation.
std::vector<double> simulate(const std::vector<FlowSet>& sets) {
  Engine engine;
  std::vector<double> done;
  std::vector<Use> uses;
  for (const auto& set : sets) {
    std::vector<ResourceId> resources;
    for (const double capacity : set.capacity) resources.push_back(engine.add_resource(capacity));
    for (const auto& flow : set.flows) {
      uses.clear();
      for (const auto& use : flow.uses)
        uses.push_back({resources[use.resource], static_cast<std::uint32_t>(use.share)});
      engine.start({flow.amount, Seconds(flow.start), uses, flow.rate_limit},
                   [&engine, &done, index = done.size()] { done[index] = engine.now().value(); });
      done.push_back(0);
    }
  }
  engine.run();
  return done;
}

std::vector<double> solve(const std::vector<FlowSet>& sets) {
  std::vector<double> done;
  for (const auto& set : sets) {
    const auto times = test::completion_times(set.capacity, set.flows);
    done.insert(done.end(), times.begin(), times.end());
  }
  return done;
}

TEST(MaxMin, TheSolverItselfOnTheTextbookExample) {
  // Three links of 1; one flow over all, one flow on each of the first two, two on the third: 1/3 on the third, 2/3
  // else.
  const std::vector<test::FluidFlow> flows{{0, 1, 0, {{0, 1}, {1, 1}, {2, 1}}},
                                           {0, 1, 0, {{0, 1}}},
                                           {0, 1, 0, {{1, 1}}},
                                           {0, 1, 0, {{2, 1}}},
                                           {0, 1, 0, {{2, 1}}}};
  const auto rates = test::max_min_rates({1, 1, 1}, flows, {0, 1, 2, 3, 4});
  const std::vector<double> expected{1 / 3., 2 / 3., 2 / 3., 1 / 3., 1 / 3.};
  for (std::size_t i = 0; i < rates.size(); ++i) EXPECT_DOUBLE_EQ(rates[i], expected[i]);
}

TEST(MaxMin, TheEngineAgreesWithTheSolverOnTwoThousandRandomFlowSets) {
  double worst = 0;
  for (int process = 0; process < 40; ++process) {
    RandomStream random(process, "flow sets");
    std::vector<FlowSet> sets;
    for (int i = 0; i < 50; ++i) sets.push_back(random_set(random));
    const auto simulated = test::in_child([&] { return simulate(sets); });
    const auto solved = solve(sets);
    ASSERT_EQ(simulated.size(), solved.size());
    for (std::size_t i = 0; i < solved.size(); ++i) {
      worst = std::max(worst, std::abs(simulated[i] / solved[i] - 1));
    }
  }
  EXPECT_LE(worst, 1e-9);
  RecordProperty("worst_relative_difference", std::to_string(worst));
}

}  // namespace
}  // namespace plenum::engine
