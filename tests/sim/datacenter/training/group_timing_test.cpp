#include "sim/datacenter/training/group_timing.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "fork.hpp"
#include "sim/datacenter/payload_efficiency.hpp"
#include "sim/scenario/collective_situation.hpp"
#include "workloads/collective_pattern.hpp"

namespace plenum::datacenter {
namespace {

std::unique_ptr<scenario::Bound> bind(const std::string& cluster) {
  Issues issues;
  const auto loaded = scenario::load_text(
      R"({"cluster": )" + cluster +
          R"(, "jobs": [{"training": {"model": "LLAMA3-8B", "plan": {"global_batch": 64, "recompute": "none"}}}]})",
      "test.json", {}, issues);
  auto bound = loaded ? scenario::bind(*loaded, issues) : nullptr;
  for (const auto& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  return bound;
}

struct Times {
  double here, alone;  ///< s
  double bytes;        ///< over the group's flows
};

/// Of a collective of the first GPUs, laid out as a ring, and by its closed form.
Times times(const scenario::Bound& bound, std::uint32_t ranks, CollectiveKind kind, Bytes size,
            const CollectiveLibrary& library = {}) {
  std::vector<std::uint32_t> gpus(ranks);
  std::iota(gpus.begin(), gpus.end(), 0u);
  Traffic traffic;
  std::vector<Member> members;
  for (const auto gpu : gpus) members.push_back({traffic.add_rank(gpu, 0)});
  traffic.add_group(0, members, workload::ring(CollectiveKind::all_gather, scenario::domains_of(bound.cluster, gpus)));
  engine::Engine engine;
  const auto& architecture = bound.device.specification.architecture;
  FoldedFabric fabric(engine, *bound.network, traffic,
                      payload_efficiency(architecture, bound.specification.fabric.transport), true);
  GroupTiming timing(bound, gpus, CollectiveKind::all_gather, fabric.efficiency(), fabric.path_latency(0), library);
  const auto& collective = timing.of(kind, static_cast<double>(size.value()));
  const auto situation = scenario::situation_of(bound.cluster, bound.specification, architecture, gpus);
  return {collective.timing.total(fabric.idle_time(0, collective.amount)).value(),
          alone(situation, kind, choose(situation, kind, size), size).value(), collective.bytes};
}

Times in_child(const std::string& cluster, std::uint32_t ranks, CollectiveKind kind, Bytes size,
               const CollectiveLibrary& library = {}) {
  const auto bound = bind(cluster);
  const auto found = test::in_child([&] {
    const auto t = times(*bound, ranks, kind, size, library);
    return std::vector{t.here, t.alone, t.bytes};
  });
  return {found[0], found[1], found[2]};
}

TEST(GroupTiming, IsThatOfTheCollectiveAloneInsideADomain) {
  for (const auto kind : {CollectiveKind::all_gather, CollectiveKind::reduce_scatter, CollectiveKind::all_reduce})
    for (const std::int64_t size : {1 << 12, 1 << 20, 1 << 26, 1 << 30}) {
      const auto t = in_child(R"({"preset": "DGX-H100", "nodes": 1})", 8, kind, Bytes(size));
      EXPECT_NEAR(t.here / t.alone, 1, 1e-9) << static_cast<int>(kind) << " " << size;
    }
}

TEST(GroupTiming, IsThatOfTheCollectiveAloneBetweenNodes) {
  for (const auto kind : {CollectiveKind::all_gather, CollectiveKind::reduce_scatter, CollectiveKind::all_reduce})
    for (const std::int64_t size : {1 << 20, 1 << 30}) {
      const auto t = in_child(R"({"preset": "DGX-H100", "nodes": 4})", 32, kind, Bytes(size));
      EXPECT_NEAR(t.here / t.alone, 1, 2e-2) << static_cast<int>(kind) << " " << size;
    }
}

TEST(GroupTiming, ARingMovesItsBytesAndAnAllReduceTwice) {
  const std::string pair = R"({"preset": "DGX-H100", "nodes": 1})";
  EXPECT_DOUBLE_EQ(in_child(pair, 2, CollectiveKind::all_gather, Bytes(1 << 30)).bytes, 1 << 30);
  EXPECT_DOUBLE_EQ(in_child(pair, 2, CollectiveKind::all_reduce, Bytes(1 << 30)).bytes, 2.0 * (1 << 30));
}

TEST(GroupTiming, EachCallOfAFrameworkCosts) {
  const std::string node = R"({"preset": "DGX-H100", "nodes": 1})";
  const auto plain = in_child(node, 8, CollectiveKind::all_gather, Bytes(1 << 26));
  const auto called = in_child(node, 8, CollectiveKind::all_gather, Bytes(1 << 26), {.call = Seconds(20e-6)});
  EXPECT_NEAR(called.here - plain.here, 20e-6, 1e-12);
}

}  // namespace
}  // namespace plenum::datacenter
