// The platform that `plenum topology --simgrid` writes, loaded by plain SimGrid: flows take the time that they take
// here.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <simgrid/s4u.hpp>

#include "fork.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/engine.hpp"
#include "topologies/simgrid.hpp"
#include "workloads/collective_pattern.hpp"

namespace plenum::datacenter {
namespace {

namespace s4u = simgrid::s4u;

struct Flow {
  std::uint32_t source, destination;
  std::uint64_t bytes;
};

/// Four nodes of four GPUs under two groups of leaves.
topology::ClusterSpecification sixteen_gpus(topology::RoutingKind routing) {
  topology::ClusterSpecification c;
  c.nodes = 4;
  c.node.gpus = c.node.nics = 4;
  c.fabric.nodes_per_leaf_group = 2;
  c.fabric.leaf_oversubscription = 2;
  c.fabric.routing = routing;
  return c;
}

struct Machine {
  topology::ClusterSpecification specification;
  topology::Cluster cluster;
  std::unique_ptr<topology::Network> network;

  explicit Machine(topology::RoutingKind routing)
      : specification(sixteen_gpus(routing)),
        cluster(topology::build(specification)),
        network(topology::make_network(cluster, specification)) {}

  std::vector<std::uint32_t> route(const Flow& flow) const {
    std::vector<std::uint32_t> channels;
    network->route(flow.source, flow.destination, 0, channels);
    return channels;
  }
  double latency(const Flow& flow) const {
    double sum = 0;
    for (const auto channel : route(flow)) sum += network->channel(channel).latency.value();
    return sum;
  }
};

/// When each flow is done, all begun at once.
std::vector<double> ours(const Machine& machine, const std::vector<Flow>& flows) {
  return test::in_child([&] {
    engine::Engine engine;
    std::vector<engine::ResourceId> resources;
    for (std::uint32_t id = 0; id < machine.network->channel_count(); ++id)
      resources.push_back(engine.add_resource(machine.network->channel(id).bandwidth.value()));
    std::vector<double> done(flows.size());
    for (std::size_t i = 0; i < flows.size(); ++i) {
      std::vector<engine::Use> uses;
      for (const auto channel : machine.route(flows[i])) uses.push_back({resources[channel]});
      engine.start(
          {.amount = static_cast<double>(flows[i].bytes), .latency = Seconds(machine.latency(flows[i])), .uses = uses},
          [&, i] { done[i] = engine.now().value(); });
    }
    engine.run();
    return done;
  });
}

/// The same in SimGrid alone; with `own_latencies` flows wait for theirs before they begin.
std::vector<double> simgrids(const Machine& machine, const std::vector<Flow>& flows, bool own_latencies) {
  const auto file = std::filesystem::temp_directory_path() / ("plenum-" + std::to_string(::getpid()) + ".xml");
  {
    std::ofstream out(file);
    topology::write_simgrid(machine.cluster, *machine.network, out);
  }
  const auto times = test::in_child([&] {
    const std::string latencies = own_latencies ? "--cfg=network/latency-factor:0" : "--cfg=network/latency-factor:1";
    std::array arguments{"replay",
                         "--log=root.thresh:critical",
#ifdef PLENUM_THREAD_CONTEXTS
                         "--cfg=contexts/factory:thread",
#endif
                         latencies.c_str()};
    int count = static_cast<int>(arguments.size());
    s4u::Engine engine(&count, const_cast<char**>(arguments.data()));
    engine.load_platform(file.string());
    std::vector<double> done(flows.size());
    for (std::size_t i = 0; i < flows.size(); ++i) {
      auto* source = s4u::Host::by_name("gpu " + std::to_string(flows[i].source));
      auto* destination = s4u::Host::by_name("gpu " + std::to_string(flows[i].destination));
      s4u::Actor::create("flow", source, [&, i, source, destination] {
        if (own_latencies) s4u::this_actor::sleep_for(machine.latency(flows[i]));
        s4u::Comm::sendto(source, destination, flows[i].bytes);
        done[i] = s4u::Engine::get_clock();
      });
    }
    engine.run();
    return done;
  });
  std::filesystem::remove(file);
  return times;
}

void expect_same(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-6 * expected[i]) << i;
}

constexpr std::array routings{topology::RoutingKind::spread, topology::RoutingKind::ecmp,
                              topology::RoutingKind::destination};

// Flows of a ring that share a channel have the same latency, so SimGrid shares evenly by itself.
TEST(SimgridReplay, ARingTakesItsTimeWithTheLatenciesOfThePlatform) {
  std::vector<std::uint32_t> nodes;
  for (std::uint32_t gpu = 0; gpu < 16; ++gpu) nodes.push_back(gpu / 4);
  std::vector<Flow> flows;
  for (const auto& hop : workload::ring(CollectiveKind::all_reduce, nodes).flows)
    flows.push_back({hop.source, hop.destination, static_cast<std::uint64_t>(hop.share * 64e6)});
  const Machine machine(topology::RoutingKind::spread);
  expect_same(simgrids(machine, flows, false), ours(machine, flows));
}

TEST(SimgridReplay, OneFlowTakesItsTimeBetweenAnyTwoGpus) {
  const Machine machine(topology::RoutingKind::destination);
  for (const std::uint32_t to : {1u, 4u, 5u, 8u, 15u})
    expect_same(simgrids(machine, {{0, to, 1'000'000}}, false), ours(machine, {{0, to, 1'000'000}}));
}

TEST(SimgridReplay, FlowsOfAnyLatenciesShareEvenlyWhenTheProgramWaitsForThem) {
  std::uint64_t draw = 1;
  for (const auto routing : routings) {
    std::vector<Flow> flows;
    for (int i = 0; i < 60; ++i) {
      draw = mix(draw);
      const auto source = static_cast<std::uint32_t>(draw % 16), step = static_cast<std::uint32_t>(draw / 16 % 15);
      flows.push_back({source, (source + 1 + step) % 16, 1'000'000 + draw % 9'000'000});
    }
    const Machine machine(routing);
    expect_same(simgrids(machine, flows, true), ours(machine, flows));
  }
}

}  // namespace
}  // namespace plenum::datacenter
