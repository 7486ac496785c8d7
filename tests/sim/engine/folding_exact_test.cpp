// The theorem that folding stands on: completion times of the folded flows are those of all flows, whatever is broken.
#include <gtest/gtest.h>

#include <cmath>

#include "fork.hpp"
#include "max_min.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/engine.hpp"
#include "sim/engine/folding.hpp"

namespace plenum::engine {
namespace {

/// Flows over the links of a small fat tree: leaves x hosts, every leaf connected to every spine.
struct Traffic {
  std::vector<double> capacity;
  std::vector<test::FluidFlow> flows;
};

class FatTree {
 public:
  explicit FatTree(RandomStream& random)
      : leaves_(2 + random.below(5)), hosts_(2 + random.below(4)), spines_(1 + random.below(4)) {
    const std::size_t links = 2 * leaves_ * (hosts_ + spines_);
    for (std::size_t link = 0; link < links; ++link) {
      const double healthy = link < 2 * leaves_ * hosts_ ? 10 : 12;
      capacity_.push_back(random.below(16) == 0 ? healthy / 2 : healthy);
    }
  }

  /// Every host sends to the host `stride` further on; all equal but for a few that start late or carry more.
  Traffic shift(RandomStream& random) const {
    Traffic traffic{capacity_, {}};
    const auto hosts = leaves_ * hosts_, stride = 1 + random.below(hosts - 1);
    for (std::size_t host = 0; host < hosts; ++host) {
      const double start = random.below(8) == 0 ? 1 : 0, amount = random.below(8) == 0 ? 70 : 100;
      traffic.flows.push_back({start, amount, 0, {}});
      for (const auto link : route(host, (host + stride) % hosts)) traffic.flows.back().uses.push_back({link, 1});
    }
    return traffic;
  }

 private:
  std::vector<std::size_t> route(std::size_t source, std::size_t destination) const {
    const auto from = source / hosts_, to = destination / hosts_, spine = destination % spines_;
    const auto trunk = 2 * leaves_ * hosts_;
    if (from == to) return {2 * source, 2 * destination + 1};
    return {2 * source, trunk + 2 * (from * spines_ + spine), trunk + 2 * (to * spines_ + spine) + 1,
            2 * destination + 1};
  }

  std::size_t leaves_, hosts_, spines_;
  std::vector<double> capacity_;
};

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

/// Flows are the nodes before, links the nodes after flows.size().
Classes fold(const Traffic& traffic) {
  SymmetryGraph graph;
  for (const auto& flow : traffic.flows) graph.kind.push_back(mix(bits(flow.amount)) ^ bits(flow.start));
  for (const double capacity : traffic.capacity) graph.kind.push_back(bits(capacity));
  const auto flows = static_cast<std::uint32_t>(traffic.flows.size());
  for (std::uint32_t flow = 0; flow < flows; ++flow) {
    for (const auto& use : traffic.flows[flow].uses) {
      graph.edges.push_back({flow, flows + static_cast<std::uint32_t>(use.resource), 0});
    }
  }
  return engine::fold(graph);
}

/// One flow per class, loading one link per class as often as the class's flows load each of its links:
/// n(L,A) = |A| s(A,L) / |L|. Flow classes come first; `flow_class` gives them by class number.
struct Folded {
  Traffic traffic;
  std::vector<std::size_t> of_flow;
};

Folded quotient(const Traffic& whole, const Classes& classes) {
  Folded folded;
  std::vector<std::size_t> number(classes.size.size());
  const auto flows = whole.flows.size();
  for (std::size_t c = 0; c < classes.size.size(); ++c) {
    const auto first = classes.representative[c];
    if (first >= flows) {
      number[c] = folded.traffic.capacity.size();
      folded.traffic.capacity.push_back(whole.capacity[first - flows]);
    }
  }
  for (std::size_t c = 0; c < classes.size.size(); ++c) {
    const auto first = classes.representative[c];
    if (first >= flows) continue;
    number[c] = folded.traffic.flows.size();
    auto flow = whole.flows[first];
    flow.uses.assign(folded.traffic.capacity.size(), {0, 0});
    for (std::size_t link = 0; link < flow.uses.size(); ++link) flow.uses[link].resource = link;
    for (const auto& use : whole.flows[first].uses) {
      const auto link = classes.of[flows + use.resource];
      flow.uses[number[link]].share += static_cast<double>(classes.size[c]) / classes.size[link];
    }
    std::erase_if(flow.uses, [](const auto& use) { return use.share == 0; });
    folded.traffic.flows.push_back(flow);
  }
  for (std::size_t flow = 0; flow < flows; ++flow) folded.of_flow.push_back(number[classes.of[flow]]);
  return folded;
}

void expect_equal(const std::vector<double>& whole, const std::vector<double>& folded, const Folded& classes,
                  const std::string& where) {
  for (std::size_t flow = 0; flow < whole.size(); ++flow) {
    ASSERT_NEAR(folded[classes.of_flow[flow]], whole[flow], 1e-9 * whole[flow]) << where << ", flow " << flow;
  }
}

std::vector<double> simulate(const Traffic& traffic) {
  return test::in_child([&] {
    Engine engine;
    std::vector<ResourceId> links;
    for (const double capacity : traffic.capacity) links.push_back(engine.add_resource(capacity));
    std::vector<double> done(traffic.flows.size());
    for (std::size_t flow = 0; flow < done.size(); ++flow) {
      std::vector<Use> uses;
      for (const auto& [link, share] : traffic.flows[flow].uses) {
        uses.push_back({links[link], static_cast<std::uint32_t>(std::lround(share))});
      }
      engine.start({traffic.flows[flow].amount, Seconds(traffic.flows[flow].start), uses},
                   [&, flow] { done[flow] = engine.now().value(); });
    }
    engine.run();
    return done;
  });
}

TEST(FoldingExact, CompletionTimesOfThreeThousandRandomFatTrees) {
  std::size_t flows = 0, folded_flows = 0;
  for (int seed = 0; seed < 3000; ++seed) {
    RandomStream random(seed, "fat trees");
    const auto whole = FatTree(random).shift(random);
    const auto folded = quotient(whole, fold(whole));
    for (const auto& flow : folded.traffic.flows) {
      for (const auto& use : flow.uses) ASSERT_EQ(use.share, std::round(use.share)) << "seed " << seed;
    }
    expect_equal(completion_times(whole.capacity, whole.flows),
                 completion_times(folded.traffic.capacity, folded.traffic.flows), folded,
                 "seed " + std::to_string(seed));
    flows += whole.flows.size();
    folded_flows += folded.traffic.flows.size();
  }
  EXPECT_LT(folded_flows, flows * 9 / 10) << "the trees are too broken to fold: nothing was tested";
}

TEST(FoldingExact, TheEngineAgreesFoldedAndWhole) {
  for (int seed = 0; seed < 200; ++seed) {
    RandomStream random(seed, "engine");
    const auto whole = FatTree(random).shift(random);
    const auto folded = quotient(whole, fold(whole));
    expect_equal(simulate(whole), simulate(folded.traffic), folded, "seed " + std::to_string(seed));
  }
}

}  // namespace
}  // namespace plenum::engine
