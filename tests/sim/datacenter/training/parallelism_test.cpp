// Ways to spread a step over ranks, in simulated time: against each other, and folded against unfolded.
#include <gtest/gtest.h>

#include "fork.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::datacenter {
namespace {

/// Llama-like, 8 layers, on four DGX-H100; `plan` has the fields that differ.
std::unique_ptr<scenario::Bound> bind(const std::string& plan, const std::string& sharding = "optimizer") {
  const std::string text =
      R"({"cluster": {"preset": "DGX-H100", "nodes": 4}, "jobs": [{"training": {"model": {"layers": 8, "hidden": 4096,
      "heads": 32, "kv_heads": 8, "ffn": 14336, "vocabulary": 32000, "context": 8192}, "plan": {"global_batch": 64,
      "recompute": "none", "sharding": ")" +
      sharding + "\", " + plan + "}}}]}";
  Issues issues;
  const auto loaded = scenario::load_text(text, "test.json", {}, issues);
  auto bound = loaded ? scenario::bind(*loaded, issues) : nullptr;
  for (const auto& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  return bound;
}

/// Step, bubble of all ranks together, bytes of the busiest NIC's cable.
std::vector<double> run(const std::string& plan, bool fold = true, const std::string& sharding = "optimizer") {
  const auto bound = bind(plan, sharding);
  return test::in_child([&] {
    const auto result = simulate(*bound, {.fold = fold});
    double bubble = 0, cable = 0;
    for (const auto& rank : result.training[0].ranks)
      bubble += rank.parts[static_cast<std::size_t>(Part::bubble)].value() * static_cast<double>(rank.members);
    for (const auto& load : result.busiest)
      if (load.tier.starts_with("nic -> leaf")) cable = std::max(cable, load.bytes);
    return std::vector{result.training[0].step.value(), bubble, cable};
  });
}

const std::string pipeline = R"("tensor_parallel": 2, "pipeline_parallel": 4, "schedule": )";

TEST(Schedules, ZeroBubbleWaitsLessThan1F1BAndGPipe) {
  const auto plain = run(pipeline + "\"1f1b\""), zero = run(pipeline + "\"zero-bubble\""),
             gpipe = run(pipeline + "\"gpipe\"");
  EXPECT_LT(zero[0], plain[0]);
  EXPECT_LT(zero[1], plain[1]);
  EXPECT_GE(gpipe[0], 0.99 * plain[0]);
}

/// Two chunks that turn at the last rank: filling the pipeline takes half as long. 32 micro-batches.
TEST(Schedules, ThoseOfTwoChunksWaitLessThanZeroBubble) {
  const auto zero = run(pipeline + "\"zero-bubble\"");
  for (const std::string schedule : {"zb-v", "dualpipe-v"}) {
    const std::string two = pipeline + "\"" + schedule + "\", \"virtual_stages\": 2";
    const auto v = run(two), unfolded = run(two, false);
    EXPECT_LT(v[0], zero[0]) << schedule;
    EXPECT_LT(v[1], zero[1]) << schedule;
    EXPECT_NEAR(v[0] / unfolded[0], 1, 1e-9) << schedule;
  }
}

TEST(StageLayers, AsTheyStandChangeNothing) {
  const auto even = run(pipeline + "\"1f1b\""), told = run(pipeline + R"("1f1b", "stage_layers": [2, 2, 2, 2])");
  EXPECT_DOUBLE_EQ(even[0], told[0]);
  EXPECT_GT(run(pipeline + R"("1f1b", "stage_layers": [1, 1, 1, 5])")[0], 1.5 * even[0]);
}

TEST(HybridSharding, KeepsGatheredParametersInsideTheNode) {
  const auto whole = run(R"("micro_batch": 2)", true, "parameters");
  const auto hybrid = run(R"("micro_batch": 2, "shards": 8)", true, "parameters");
  // Bytes per parameter on a cable, eight rings: parameters gathered twice (bf16) and gradients scattered (fp32) over
  // 32 ranks; against an all-reduce of an eighth of the gradients over four nodes.
  const double of_whole = (2 + 2 + 4) * 31.0 / 32 / 8, of_hybrid = 2 * 4 * 3.0 / 4 / 8;
  EXPECT_NEAR(hybrid[2] / whole[2], of_hybrid / of_whole, 1e-3);
}

TEST(Ulysses, MovesLessThanKeysAndValuesOfTheWholeSequence) {
  const std::string context = R"("context_parallel": 8, "sequence_length": 8192, "context_method": )";
  EXPECT_GT(run(context + "\"ring\"")[0], 0);
  EXPECT_GT(run(context + "\"all-to-all\"")[0], 0);
}

TEST(Folding, HoldsForEveryWayToSpread) {
  for (const std::string plan :
       {R"("tensor_parallel": 2, "pipeline_parallel": 2, "schedule": "zero-bubble", "order": "pp-dp-cp-tp")",
        R"("context_parallel": 4, "sequence_length": 8192, "context_method": "all-to-all")",
        R"("micro_batch": 2, "shards": 4, "order": "dp-tp-cp-pp")"}) {
    const auto sharding = plan.find("shards") != std::string::npos ? "parameters" : "optimizer";
    EXPECT_NEAR(run(plan, true, sharding)[0] / run(plan, false, sharding)[0], 1, 1e-9) << plan;
  }
}

}  // namespace
}  // namespace plenum::datacenter
