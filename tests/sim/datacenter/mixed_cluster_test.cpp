// Clusters with different GPUs and NICs: whoever is slowest is waited for, and folding stays exact.
#include <gtest/gtest.h>

#include <numeric>

#include "fork.hpp"
#include "sim/datacenter/collective_run.hpp"
#include "sim/datacenter/simulation.hpp"
#include "sim/scenario/collective_situation.hpp"

namespace plenum::datacenter {
namespace {

const std::string hopper = R"({"preset": "DGX-H100", "nodes": 4})", ampere = R"({"preset": "DGX-A100", "nodes": 4})",
                  mixed = R"({"preset": "DGX-H100", "nodes": 4,
                              "other_nodes": [{"first": 2, "count": 2, "preset": "DGX-A100"}]})";

std::unique_ptr<scenario::Bound> bound_of(const std::string& cluster, const std::string& plan) {
  const std::string text = "{\"cluster\": " + cluster +
                           R"(, "jobs": [{"training": {"model": {"layers": 8, "hidden": 4096,
      "heads": 32, "kv_heads": 8, "ffn": 14336, "vocabulary": 32000, "context": 4096}, "plan": {"global_batch": 64,
      "recompute": "none", )" +
                           plan + "}}}]}";
  Issues issues;
  const auto loaded = scenario::load_text(text, "test.json", {}, issues);
  auto bound = loaded ? scenario::bind(*loaded, issues) : nullptr;
  for (const auto& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  return bound;
}

/// Step, and the classes of ranks.
std::vector<double> run(const scenario::Bound& bound, bool fold = true) {
  return test::in_child([&] {
    const auto result = simulate(bound, {.fold = fold});
    return std::vector{result.training[0].step.value(), static_cast<double>(result.ranks_folded)};
  });
}

TEST(MixedCluster, NodesHaveTheirGpusAndRates) {
  const auto bound = bound_of(mixed, "\"tensor_parallel\": 8");
  EXPECT_EQ(bound->device_at(15).name, "H100-SXM");
  EXPECT_EQ(bound->device_at(16).name, "A100-80GB-SXM");
  EXPECT_EQ(scenario::names_of(bound->devices_of(0, 32)), "H100-SXM and A100-80GB-SXM");
  EXPECT_EQ(scenario::oldest_architecture(bound->devices_of(0, 32)), "ampere");
  EXPECT_EQ(scenario::oldest_architecture(bound->devices_of(0, 16)), "hopper");
}

TEST(MixedCluster, AStepWaitsForTheSlowestGpus) {
  for (const std::string plan : {"\"tensor_parallel\": 8", "\"tensor_parallel\": 2"}) {
    const double fast = run(*bound_of(hopper, plan))[0], slow = run(*bound_of(ampere, plan))[0],
                 both = run(*bound_of(mixed, plan))[0];
    EXPECT_GT(both, 1.5 * fast);
    EXPECT_NEAR(both, slow, 0.1 * slow);
  }
}

TEST(MixedCluster, FoldsExactly) {
  for (const std::string plan : {"\"tensor_parallel\": 8", "\"tensor_parallel\": 2, \"pipeline_parallel\": 4",
                                 "\"tensor_parallel\": 4, \"sharding\": \"gradients\""}) {
    const auto bound = bound_of(mixed, plan);
    const auto folded = run(*bound), whole = run(*bound, false);
    EXPECT_NEAR(folded[0], whole[0], 1e-9 * whole[0]) << plan;
    EXPECT_LT(folded[1], 32);
    EXPECT_EQ(whole[1], 32);
  }
}

/// A ring all-reduce of 1 GiB over `gpus`.
double ring(const std::string& cluster, std::vector<std::uint32_t> gpus, bool fold) {
  const auto bound = bound_of(cluster, "\"tensor_parallel\": 8");
  const auto devices =
      scenario::devices_among(bound->specification, bound->device, bound->other_devices, std::span(gpus));
  const auto situation =
      scenario::situation_of(bound->cluster, bound->specification, scenario::oldest_architecture(devices), gpus);
  const CollectiveRequest request{
      .situation = situation, .kind = CollectiveKind::all_reduce, .method = {}, .bytes = Bytes(1 << 30), .group = gpus};
  return test::in_child(
      [&] { return std::vector{run_collective(bound->cluster, *bound->network, request, fold).time.value()}; })[0];
}

TEST(MixedCluster, CollectivesWaitForTheSlowestNicsOfTheirGroup) {
  std::vector<std::uint32_t> all(32), first(16);
  std::iota(all.begin(), all.end(), 0u);
  std::iota(first.begin(), first.end(), 0u);
  EXPECT_DOUBLE_EQ(ring(mixed, first, true), ring(hopper, first, true));
  const double slow = ring(ampere, all, true), both = ring(mixed, all, true);
  EXPECT_NEAR(both, slow, 1e-9 * slow);
  EXPECT_NEAR(ring(mixed, all, false), both, 1e-9 * both);
}

}  // namespace
}  // namespace plenum::datacenter
