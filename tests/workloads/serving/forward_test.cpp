#include "workloads/serving/forward.hpp"

#include <gtest/gtest.h>

namespace plenum::workload {
namespace {

std::int64_t launches(const char* name, bool prompts) {
  Issues issues;
  const auto model = find_model(name, issues);
  const ServingPlan plan;
  return kernels(token_operations(*model, plan, {1, 1, 1}), *model, plan, prompts);
}

// Qwen3-Next: 36 of 48 layers are Gated DeltaNet. A decode updates its states in three kernels.
TEST(Forward, PromptsScanGatedDeltaNetChunkByChunk) {
  EXPECT_EQ(launches("Qwen3-Next-80B-A3B", true) - launches("Qwen3-Next-80B-A3B", false), 36 * 15);
  EXPECT_EQ(launches("LLAMA3-8B", true), launches("LLAMA3-8B", false));
  EXPECT_EQ(launches("NemotronH-8B", true), launches("NemotronH-8B", false));  // Mamba-2
}

TEST(Forward, LayersAllReducesComeBeforeNorms) {
  Issues issues;
  const auto model = find_model("MiniMax-M2", issues);
  ServingPlan plan;
  plan.tensor_parallel = 4;
  std::int64_t before_norms = 0, all = 0;
  for (const auto& operation : token_operations(*model, plan, {1, 1, 1})) {
    if (is_before_norm(operation)) before_norms += operation.count;
    if (operation.name.ends_with("all-reduce")) all += operation.count;
  }
  EXPECT_EQ(before_norms, 2 * 62);
  EXPECT_EQ(all, 3 * 62);  // and the squares of queries and keys
}

}  // namespace
}  // namespace plenum::workload
