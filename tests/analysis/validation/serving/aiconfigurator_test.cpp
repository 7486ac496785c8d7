#include "analysis/validation/serving/aiconfigurator.hpp"

#include <gtest/gtest.h>

#include "analysis/validation/serving/published_row.hpp"

namespace plenum::analysis {
namespace {

test::PublishedRow published(const char* backend, const char* isl, const char* concurrency) {
  return test::PublishedRow({{"source", ""},
                             {"backend", backend},
                             {"mode", "agg"},
                             {"isl", isl},
                             {"osl", "500"},
                             {"concurrency", concurrency}});
}

workload::RequestSpecification requests(const char* backend, const char* isl, const char* concurrency) {
  return aiconfigurator_requests(published(backend, isl, concurrency).cells());
}

TEST(Aiconfigurator, OutputsOfOneLengthEndStepsApart) {
  EXPECT_EQ(requests("sglang", "1024", "2").output.minimum, 493);
  EXPECT_EQ(requests("sglang", "1000", "2").output.minimum, 500);
  EXPECT_EQ(requests("sglang", "1000", "24").output.minimum, 497);
  EXPECT_EQ(requests("sglang", "1000", "512").output.minimum, 493);
}

TEST(Aiconfigurator, TheSweepInThousandsHasAWarmUp) {
  EXPECT_EQ(requests("sglang", "1000", "8").barrier_after, 16);
  EXPECT_EQ(requests("sglang", "1000", "8").count, 96);
  EXPECT_EQ(requests("trtllm", "1024", "8").barrier_after, 0);
  EXPECT_EQ(requests("trtllm", "1024", "8").count, 80);
}

// aiperf's hundred prompts, of which vLLM has all whole blocks but the last.
TEST(Aiconfigurator, VllmFindsPromptsThatComeAgain) {
  const auto again = requests("vllm", "4000", "8");
  ASSERT_TRUE(again.shared_prefix);
  EXPECT_EQ(again.shared_prefix->count, 100);
  EXPECT_EQ(again.shared_prefix->tokens, 3984);
  EXPECT_EQ(again.shared_prefix->tokens + again.prompt.tokens, 4000);
  EXPECT_EQ(requests("vllm", "1000", "8").shared_prefix->tokens, 992);
  EXPECT_FALSE(requests("sglang", "4000", "8").shared_prefix);
  EXPECT_FALSE(requests("vllm", "4096", "8").shared_prefix);
}

TEST(Aiconfigurator, SglangMixesPromptsWithDecodes) {
  const auto policy = [](const char* backend) {
    workload::EngineProfile engine;
    engine.policy = workload::BatchPolicy::prefill_first;
    set_generated_flags(engine, published(backend, "1000", "8").cells());
    return engine.policy;
  };
  EXPECT_EQ(policy("sglang"), workload::BatchPolicy::mixed);
  EXPECT_EQ(policy("other"), workload::BatchPolicy::prefill_first);
}

}  // namespace
}  // namespace plenum::analysis
