#include "workloads/serving/forward.hpp"

#include <gtest/gtest.h>

#include <map>

#include "workloads/serving/serving_memory.hpp"

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

/// Of the products of a step, by name.
std::map<std::string, Precision> formats(const ServingPlan& plan) {
  Issues issues;
  std::map<std::string, Precision> all;
  for (const auto& operation : token_operations(*find_model("DeepSeekV3", issues), plan, {1, 1, 1}))
    if (const auto* product = std::get_if<MatrixProduct>(&operation.work))
      all[std::string(operation.name)] = product->precision;
  return all;
}

// 61 layers, 7168 wide: 187 M parameters of attention each, of which 117 M make its output.
TEST(Forward, QueriesKeysAndValuesMayHaveAFormatOfTheirOwn) {
  ServingPlan plan;
  plan.precision = plan.expert_precision = Precision::nvfp4;
  Issues issues;
  const auto model = find_model("DeepSeekV3", issues);
  const double whole = static_cast<double>(weight_bytes(*model, plan).value());
  EXPECT_EQ(formats(plan)["queries"], Precision::nvfp4);
  plan.attention_inputs = AttentionInputs::bf16;
  EXPECT_EQ(formats(plan)["compress"], Precision::bf16);
  EXPECT_EQ(formats(plan)["queries"], Precision::bf16);
  EXPECT_EQ(formats(plan)["attention output"], Precision::nvfp4);
  EXPECT_EQ(formats(plan)["shared up"], Precision::nvfp4);
  const double more = static_cast<double>(weight_bytes(*model, plan).value()) - whole;
  EXPECT_NEAR(more, 61 * (187.1e6 - 117.4e6) * (2 - 0.5625), 0.02 * more);
  const double in_bf16 = static_cast<double>(weight_bytes(*model, plan).value());
  plan.attention_inputs = AttentionInputs::fp8_queries;
  EXPECT_EQ(formats(plan)["compress"], Precision::bf16);
  EXPECT_EQ(formats(plan)["queries"], Precision::fp8_block);
  EXPECT_EQ(formats(plan)["attention output"], Precision::nvfp4);
  EXPECT_NEAR(in_bf16 - static_cast<double>(weight_bytes(*model, plan).value()), 61 * 1536.0 * 128 * 192, 1e6);
}

}  // namespace
}  // namespace plenum::workload
