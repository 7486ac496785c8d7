// Traces against the closed forms of their tasks, and against themselves without folding.
#include <gtest/gtest.h>

#include <fstream>

#include "fork.hpp"
#include "sim/core/temporary_folder.hpp"
#include "sim/datacenter/collective_run.hpp"
#include "sim/datacenter/simulation.hpp"
#include "sim/scenario/collective_situation.hpp"
#include "workloads/traces/chakra_writer.hpp"

namespace plenum::datacenter {
namespace {

using namespace test::chakra;
using Ranks = std::vector<std::vector<std::string>>;

class TraceRun : public testing::Test {
 protected:
  std::unique_ptr<scenario::Bound> bind(const Ranks& ranks, const std::string& more = "", std::int64_t nodes = 1,
                                        const std::string& around = "") {
    write_trace(folder_.path / "t", ranks);
    const std::string text = R"({"cluster": {"preset": "DGX-H100", "nodes": )" + std::to_string(nodes) + "}" + around +
                             R"(, "jobs": [{"trace": {"chakra": "t")" + more + "}}]}";
    Issues issues;
    const auto loaded = scenario::load_text(text, (folder_.path / "s.json").string(), {}, issues);
    auto bound = loaded ? scenario::bind(*loaded, issues) : nullptr;
    for (const auto& issue : issues.all()) ADD_FAILURE() << to_string(issue);
    return bound;
  }

  /// Time, then computation, communication, host, waiting of the first class.
  static std::vector<double> run(const scenario::Bound& bound, bool fold = true) {
    return test::in_child([&] {
      const auto trace = simulate(bound, {.fold = fold}).traces.at(0);
      const auto& parts = trace.classes.at(0).parts;
      return std::vector<double>{trace.time.value(),          parts.computation.value(),
                                 parts.communication.value(), parts.host.value(),
                                 parts.waiting.value(),       static_cast<double>(trace.classes.size())};
    });
  }

  TemporaryFolder folder_;
};

TEST_F(TraceRun, AddsUpAChain) {
  const auto seen = run(*bind({{computation(1, {}, 100), computation(2, {1}, 50)}}));
  EXPECT_NEAR(seen[0], 150e-6, 1e-12);
  EXPECT_NEAR(seen[1], 150e-6, 1e-12);
}

TEST_F(TraceRun, ComputesOneThingAtATimeAndTheHostBesideIt) {
  const auto host = node(3, compute, {}, number(7, 400) + flag("is_cpu_op", true));
  const auto seen = run(*bind({{computation(1, {}, 100), computation(2, {}, 50), host}}));
  EXPECT_NEAR(seen[0], 400e-6, 1e-12);
  EXPECT_NEAR(seen[1], 150e-6, 1e-12);
  EXPECT_NEAR(seen[3], 250e-6, 1e-12);
}

TEST_F(TraceRun, TakesOperationsAtThePeak) {
  const auto work = node(1, compute, {}, attribute("num_ops", 1'000'000'000'000) + attribute("tensor_size", 1 << 20));
  const auto bound = bind({{work}});
  const double peak = bound->device.specification.peak.at(Precision::bf16).value();
  EXPECT_NEAR(run(*bound)[0], 1e12 / peak, 1e-12);
}

/// The same collective by `plenum collective`'s way.
double alone(const scenario::Bound& bound, CollectiveKind kind, Bytes bytes, std::uint32_t ranks) {
  std::vector<std::uint32_t> group;
  for (std::uint32_t gpu = 0; gpu < ranks; ++gpu) group.push_back(gpu);
  CollectiveRequest request;
  request.situation = scenario::situation_of(bound.cluster, bound.specification, bound.device.specification.architecture, group);
  request.kind = kind;
  request.bytes = bytes;
  request.method = calibration::choose(request.situation, kind, bytes);
  request.group = group;
  return test::in_child(
      [&] { return std::vector{run_collective(bound.cluster, *bound.network, request, true).time.value()}; })[0];
}

TEST_F(TraceRun, TakesWhatACollectiveTakesAlone) {
  for (const std::size_t ranks : {4, 8, 16}) {
    const auto bound = bind(Ranks(ranks, {computation(1, {}, 100), all_reduce(2, {1}, 64 << 20)}), "", 2);
    const double expected =
        alone(*bound, CollectiveKind::all_reduce, Bytes(64 << 20), static_cast<std::uint32_t>(ranks));
    const auto seen = run(*bound);
    EXPECT_NEAR(seen[0] / (100e-6 + expected), 1, 1e-9) << ranks;
    EXPECT_EQ(seen[5], ranks == 16 ? seen[5] : 1);  // one class inside a node
  }
}

TEST_F(TraceRun, CountsWhatRanksPutIntoAnAllGather) {
  const auto gather = node(1, collective, {}, attribute("comm_type", 2) + attribute("comm_size", 8 << 20));
  const auto bound = bind(Ranks(8, {gather}));
  EXPECT_NEAR(run(*bound)[0] / alone(*bound, CollectiveKind::all_gather, Bytes(64 << 20), 8), 1, 1e-9);
}

TEST_F(TraceRun, HidesCommunicationBehindIndependentWork) {
  const auto seen = run(*bind(Ranks(8, {all_reduce(1, {}, 1 << 20), computation(2, {}, 5000)})));
  EXPECT_NEAR(seen[0], 5e-3, 1e-12);
  EXPECT_NEAR(seen[2], 0, 1e-12);
}

TEST_F(TraceRun, PassesMessagesOn) {
  const Ranks pipeline{{computation(1, {}, 100), message(2, send, {1}, 1, 1 << 20)},
                       {message(1, receive, {}, 0, 1 << 20), computation(2, {1}, 70)}};
  const auto seen = run(*bind(pipeline));
  EXPECT_GT(seen[0], 170e-6 + (1 << 20) / 450e9);
  EXPECT_LT(seen[0], 170e-6 + 30e-6);
}

TEST_F(TraceRun, SlowGpusHoldOthersUp) {
  const Ranks ranks(8, {computation(1, {}, 100), all_reduce(2, {1}, 1 << 20)});
  const double healthy = run(*bind(ranks))[0];
  const double slowed = run(*bind(ranks, "", 1, R"(, "slow_gpus": [{"gpu": 3, "speed": 0.5}])"))[0];
  EXPECT_NEAR(slowed - healthy, 100e-6, 1e-10);
}

TEST_F(TraceRun, FoldsWithoutChangingTime) {
  Ranks ranks;
  for (int rank = 0; rank < 8; ++rank)
    ranks.push_back({computation(1, {}, 100), all_reduce(2, {1}, 4 << 20, rank < 4 ? "t0" : "t1"),
                     message(3, send, {2}, (rank + 4) % 8, 1 << 20), message(4, receive, {}, (rank + 4) % 8, 1 << 20),
                     all_reduce(5, {3, 4}, 16 << 20)});
  std::ofstream(folder_.path / "groups.json") << R"({"t0": [0,1,2,3], "t1": [4,5,6,7]})";
  const auto bound = bind(ranks, R"(, "communicators": "groups.json", "ranks": 32)", 4);
  const auto folded = run(*bound), whole = run(*bound, false);
  EXPECT_NEAR(folded[0] / whole[0], 1, 1e-9);
  EXPECT_LT(folded[5], 32);
  EXPECT_EQ(whole[5], 32);
}

TEST_F(TraceRun, NamesRanksThatWaitForEver) {
  const Ranks crossed{{message(1, receive, {}, 1, 8), message(2, send, {1}, 1, 8)},
                      {message(1, receive, {}, 0, 8), message(2, send, {1}, 0, 8)}};
  const auto bound = bind(crossed);
  const auto told = test::in_child([&] {
    try {
      simulate(*bound, {});
    } catch (const SimulationFailed& failure) {
      return std::vector{
          std::string(failure.what()).find("rank 0 waits for message \"node 1\"") != std::string::npos ? 1.0 : 0.0};
    }
    return std::vector{-1.0};
  });
  EXPECT_EQ(told[0], 1);
}

}  // namespace
}  // namespace plenum::datacenter
