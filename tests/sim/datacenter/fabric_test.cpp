// The folded fabric against the same fabric with nothing folded and nothing left out.
#include "sim/datacenter/fabric.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "fork.hpp"
#include "sim/datacenter/random_fabric.hpp"

namespace plenum::datacenter {
namespace {

using plenum::test::in_child;
using test::arbitrary_fabric;
using test::arbitrary_traffic;

constexpr LinkEfficiency efficiency{.nvlink = 0.9, .network = 0.8};

/// How all groups of a kind are started.
struct Start {
  double time, bytes, latency;
};
using Starts = std::map<std::uint64_t, Start>;

Start arbitrary_start() {
  const auto pick = [] { return *rc::gen::inRange(0, 100); };
  return {pick() * 1e-5, 1e6 + pick() * 1e4, pick() * 1e-7};
}

/// Completion time of every group; then, for groups that are exclusive, what idle_time() says, else zero.
std::vector<double> times(const test::RandomFabric& fabric, const Traffic& traffic, const Starts& starts, bool fold) {
  return in_child([&] {
    engine::Engine engine;
    FoldedFabric folded(engine, *fabric.network, traffic, efficiency, fold);
    std::vector<double> done(folded.group_classes()), predicted(folded.group_classes());
    for (std::uint32_t c = 0; c < folded.group_classes(); ++c) {
      const auto [time, bytes, latency] = starts.at(traffic.groups[folded.group_representative(c)].kind);
      engine.after(Seconds(time), [&, c, bytes = bytes, latency = latency] {
        folded.start(c, bytes, Seconds(latency), [&, c] { done[c] = engine.now().value(); });
      });
      if (folded.exclusive(c)) predicted[c] = time + latency + folded.idle_time(c, bytes).value();
    }
    engine.run();
    std::vector<double> times;
    for (std::uint32_t g = 0; g < traffic.groups.size(); ++g) times.push_back(done[folded.group_class(g)]);
    for (std::uint32_t g = 0; g < traffic.groups.size(); ++g) times.push_back(predicted[folded.group_class(g)]);
    return times;
  });
}

TEST(Fabric, FoldedEqualsUnfoldedOnFiveHundredRandomClusters) {
  std::size_t groups = 0, exclusive = 0;
  const auto compare = [&] {
    const auto fabric = arbitrary_fabric();
    const auto traffic = arbitrary_traffic(*fabric);
    const Starts starts{{1, arbitrary_start()}, {2, arbitrary_start()}, {3, arbitrary_start()}};
    const auto whole = times(*fabric, traffic, starts, false), folded = times(*fabric, traffic, starts, true);
    const auto count = traffic.groups.size();
    for (std::size_t g = 0; g < count; ++g) {
      RC_ASSERT(std::abs(folded[g] - whole[g]) <= 1e-9 * whole[g]);
      if (folded[count + g] == 0) continue;
      RC_ASSERT(std::abs(folded[count + g] - whole[g]) <= 1e-9 * whole[g]);
      ++exclusive;
    }
    groups += count;
  };
  const bool holds = rc::check([&] {  // RapidCheck makes 100 of this: 500 clusters
    for (int i = 0; i < 5; ++i) compare();
  });
  EXPECT_TRUE(holds);
  EXPECT_GT(exclusive, groups / 20) << "exclusive groups were hardly tested";
}

TEST(Fabric, BytesAreConservedAndFoldedLoadsAreThoseOfTheWhole) {
  const bool holds = rc::check([] {
    const auto fabric = arbitrary_fabric();
    const auto traffic = arbitrary_traffic(*fabric);
    double expected = 0;  // every flow's bytes on every channel of its route
    std::vector<std::uint32_t> route;
    for (const auto& strand : traffic.strands) {
      for (std::uint32_t flow = strand.first_flow; flow < strand.first_flow + strand.flows; ++flow) {
        route.clear();
        fabric->network->route(traffic.flows[flow].source, traffic.flows[flow].destination, flow, route);
        expected += 1e6 * strand.share * static_cast<double>(route.size());
      }
    }
    const auto sums = [&](bool fold) {
      return in_child([&] {
        engine::Engine engine;
        FoldedFabric folded(engine, *fabric->network, traffic, efficiency, fold);
        for (std::uint32_t c = 0; c < folded.group_classes(); ++c) folded.account(c, 1e6);
        double bytes = 0, channels = 0, busiest = 0;
        for (const auto& load : folded.busiest(Seconds(1), 1 << 20)) {
          bytes += load.bytes * static_cast<double>(load.members);
          channels += static_cast<double>(load.members);
          busiest = std::max(busiest, load.utilization);
        }
        return std::vector{bytes, channels, busiest};
      });
    };
    const auto whole = sums(false), folded = sums(true);
    RC_ASSERT(std::abs(whole[0] - expected) <= 1e-9 * expected);
    for (std::size_t i = 0; i < 3; ++i) RC_ASSERT(std::abs(folded[i] - whole[i]) <= 1e-9 * whole[i]);
  });
  EXPECT_TRUE(holds);
}

/// 4 nodes of 2 GPUs on one leaf: NVLink 400, NIC 50, PCIe 63 GB/s; hops of 1 and 0.6 us.
struct Small {
  topology::ClusterSpecification specification;
  topology::Cluster cluster;
  std::unique_ptr<topology::Network> network;
  Traffic traffic;
  Small() {
    specification.nodes = 4;
    specification.node.gpus = specification.node.nics = 2;
    specification.node.nvlink = BytesPerSecond(400e9);
    specification.fabric.levels = 1;
    specification.fabric.rail_optimized = false;
    cluster = topology::build(specification);
    network = topology::make_network(cluster, specification);
  }
};

std::vector<double> in_small(const std::function<std::vector<double>(Small&, engine::Engine&)>& scene) {
  return in_child([&] {
    Small small;
    engine::Engine engine;
    return scene(small, engine);
  });
}

TEST(Fabric, HealthyRanksAndGroupsAreOneClassEach) {
  const auto counts = in_small([](Small& small, engine::Engine& engine) {
    for (std::uint32_t gpu = 0; gpu < 8; ++gpu) small.traffic.add_rank(gpu, 0);
    const std::vector<std::uint32_t> one_node{0, 0};
    for (std::uint32_t node = 0; node < 4; ++node) {
      const Member pair[] = {{2 * node}, {2 * node + 1}};
      small.traffic.add_group(0, pair, workload::ring(workload::CollectiveKind::all_reduce, one_node));
    }
    const FoldedFabric fabric(engine, *small.network, small.traffic, {}, true);
    return std::vector<double>{static_cast<double>(fabric.rank_classes()),
                               static_cast<double>(fabric.rank_class_size(0)),
                               static_cast<double>(fabric.group_classes()),
                               static_cast<double>(fabric.flows_unfolded()),
                               static_cast<double>(fabric.flows_folded()),
                               static_cast<double>(fabric.exclusive(0)),
                               fabric.idle_time(0, 4e9).value()};
  });
  // A ring of 2 sends 2 (2-1)/2 = 1 x 4 GB each way at 400 GB/s.
  EXPECT_THAT(counts, testing::ElementsAre(1, 8, 1, 8, 1, 1, testing::DoubleNear(0.01, 1e-14)));
}

TEST(Fabric, MessagesIntoOneGpuShareItsNic) {
  // GPUs 2 and 4 send 1 GB to GPU 0: 25 GB/s each, 40 ms; not exclusive once they are of different kinds.
  const auto times = in_small([](Small& small, engine::Engine& engine) {
    for (std::uint32_t gpu = 0; gpu < 8; ++gpu) small.traffic.add_rank(gpu, 0);
    const workload::Pattern message{.flows = {{0, 1, 1.0}}, .steps = 1, .inter_node_steps = 1};
    for (std::uint32_t from : {2U, 4U}) {
      const Member ends[] = {{from, 0}, {0, 1}};
      small.traffic.add_group(from, ends, message);
    }
    FoldedFabric fabric(engine, *small.network, small.traffic, {}, true);
    std::vector<double> times;
    for (std::uint32_t group : {0U, 1U}) {
      const auto c = fabric.group_class(group);
      fabric.start(c, 1e9, fabric.path_latency(c).whole, [&] { times.push_back(engine.now().value()); });
      times.push_back(fabric.exclusive(c));
    }
    engine.run();
    times.push_back(fabric.path_latency(0).whole.value());
    return times;
  });
  ASSERT_EQ(times.size(), 5U);
  const double latency = times[4];
  EXPECT_GT(latency, 0);
  EXPECT_EQ(times[0], 0);
  EXPECT_EQ(times[1], 0);
  EXPECT_NEAR(times[2], latency + 0.04, 1e-12);
  EXPECT_NEAR(times[3], latency + 0.04, 1e-12);
}

TEST(Fabric, AGroupWithoutFlowsTakesItsLatency) {
  const auto times = in_small([](Small& small, engine::Engine& engine) {
    small.traffic.add_rank(0, 0);
    const Member alone[] = {{0}};
    small.traffic.add_group(0, alone, {});
    FoldedFabric fabric(engine, *small.network, small.traffic, {}, true);
    std::vector<double> times;
    fabric.start(0, 1e9, Seconds(3e-6), [&] { times.push_back(engine.now().value()); });
    engine.run();
    times.push_back(fabric.idle_time(0, 1e9).value());
    return times;
  });
  EXPECT_THAT(times, testing::ElementsAre(3e-6, 0));
}

}  // namespace
}  // namespace plenum::datacenter
