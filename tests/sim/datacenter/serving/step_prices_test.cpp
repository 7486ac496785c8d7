// Steps against what memory, graphs and the host allow.
#include "sim/datacenter/serving/step_prices.hpp"

#include <gtest/gtest.h>

namespace plenum::datacenter {
namespace {

class Steps {
 public:
  Steps(const std::string& gpu, workload::EngineProfile engine, workload::ServingPlan plan = {},
        const std::string& model = "LLAMA3-8B", std::int64_t node_gpus = 8)
      : model_(*workload::find_model(model, issues_)),
        plan_(plan),
        engine_(std::move(engine)),
        device_(*calibration::load_device(gpu, {}, "", issues_)) {
    node_.gpus = node_gpus;
    node_.nvlink_domain_nodes = 8 / node_gpus;
  }

  double decodes(std::int64_t sequences, std::int64_t context_each, std::int64_t tokens_each = 1) {
    StepPrices prices(model_, plan_, engine_, device_, node_);
    const std::int64_t ranks = plan_.attention_data_parallel;
    return prices.decode_step(sequences, sequences * context_each, ranks * sequences, tokens_each).value();
  }
  double prompts(std::int32_t tokens, std::int32_t context = 0) {
    StepPrices prices(model_, plan_, engine_, device_, node_);
    std::vector<RankStep> ranks(static_cast<std::size_t>(plan_.attention_data_parallel));
    for (RankStep& rank : ranks) rank.chunks = {{.tokens = tokens, .context = context, .last = true}};
    return prices.step(ranks).value();
  }
  /// One attention rank works, the others have nothing to do.
  double one_rank(RankStep works) {
    StepPrices prices(model_, plan_, engine_, device_, node_);
    std::vector<RankStep> ranks(static_cast<std::size_t>(plan_.attention_data_parallel));
    ranks.front() = std::move(works);
    return prices.step(ranks).value();
  }
  const calibration::Device& device() const { return device_; }
  workload::Transformer& model() { return model_; }

 private:
  Issues issues_;
  workload::Transformer model_;
  workload::ServingPlan plan_;
  workload::EngineProfile engine_;
  calibration::Device device_;
  topology::NodeSpecification node_;
};

workload::EngineProfile plain() {
  workload::EngineProfile engine;
  engine.framework = "tensorrt_llm";
  engine.graph_sequences = 8192;
  return engine;
}

TEST(StepPrices, DecodesAreComputedAsTheNextLargerGraph) {
  auto padded = plain();
  padded.graph_sizes = {256, 2048};
  Steps as_they_are("H100-SXM", plain()), in_graphs("H100-SXM", padded);
  EXPECT_EQ(in_graphs.decodes(256, 1), as_they_are.decodes(256, 1));
  EXPECT_EQ(in_graphs.decodes(2048, 1), as_they_are.decodes(2048, 1));
  EXPECT_LT(in_graphs.decodes(300, 1), in_graphs.decodes(2048, 1));  // dummies have no cache
  EXPECT_GT(in_graphs.decodes(300, 1), 2 * as_they_are.decodes(300, 1));
  EXPECT_EQ(in_graphs.decodes(3000, 1), as_they_are.decodes(3000, 1));
}

// Two times 8 heads of 128 in 32 layers of bf16: 128 KiB a token.
TEST(StepPrices, TheCacheIsReadNoFasterThanMemoryGivesIt) {
  for (const char* gpu : {"A100-80GB-SXM", "H100-SXM", "B200-SXM", "RTX-PRO-6000", "L40S"}) {
    Steps steps(gpu, plain());
    const double bandwidth = steps.device().specification.memory_bandwidth.value();
    EXPECT_GT(steps.decodes(512, 8192), 512 * 8192 * 131072.0 / bandwidth) << gpu;
  }
}

TEST(StepPrices, OneThreadHandlesAllSequencesAndGraceIsSlower) {
  auto slow = plain();
  slow.token_host = Seconds(1e-3);
  EXPECT_DOUBLE_EQ(Steps("B200-SXM", slow).decodes(64, 1), 64e-3);
  EXPECT_DOUBLE_EQ(Steps("GB200", slow).decodes(64, 1), 64e-3 * 1.6);
}

TEST(StepPrices, StagesWaitForTheHost) {
  auto slow = plain();
  slow.token_host = Seconds(1e-4);
  workload::ServingPlan stages;
  stages.pipeline_parallel = 4;
  EXPECT_NEAR(Steps("B200-SXM", slow, stages).decodes(64, 1), Steps("B200-SXM", plain(), stages).decodes(64, 1) + 64e-4,
              1e-12);
}

workload::ServingPlan tensor_parallel(std::int64_t gpus) {
  workload::ServingPlan plan;
  plan.tensor_parallel = gpus;
  plan.precision = plan.expert_precision = Precision::fp8_block;
  return plan;
}

TEST(StepPrices, GraphsRunTheSharedExpertBesideTheRoutedOnes) {
  const auto steps = [](const char* framework, std::int64_t graph, std::int64_t gpus_attending_alone = 1) {
    auto engine = plain();
    engine.framework = framework;
    engine.graph_sequences = graph;
    auto plan = tensor_parallel(8 / gpus_attending_alone);
    plan.attention_data_parallel = gpus_attending_alone;
    plan.expert_parallel = gpus_attending_alone;
    return Steps("B200-SXM", engine, plan, "DeepSeekV3");
  };
  for (const char* framework : {"vllm", "sglang"}) {
    auto without = steps(framework, 0);
    without.model().experts->shared_ffn = 0;
    const double eager = steps(framework, 0).decodes(16, 1024), shared = eager - without.decodes(16, 1024);
    EXPECT_GT(shared, 58 * 5e-6) << framework;
    EXPECT_NEAR(eager - steps(framework, 512).decodes(16, 1024), shared, 1e-9) << framework;
  }
  EXPECT_EQ(steps("tensorrt_llm", 0).decodes(16, 1024), steps("tensorrt_llm", 512).decodes(16, 1024));
  EXPECT_EQ(steps("sglang", 0, 8).decodes(16, 1024), steps("sglang", 512, 8).decodes(16, 1024));
}

// The host launches each of the experts' six kernels; the gaps between them are in what was timed.
TEST(StepPrices, GapsAreBetweenWhatWasTimedApart) {
  auto gaps = plain(), launches = plain();
  gaps.kernel_gap = launches.eager_kernel_host = Seconds(1e-3);
  launches.graph_sequences = 0;
  const auto decodes = [](const workload::EngineProfile& engine) {
    return Steps("B200-SXM", engine, tensor_parallel(8), "DeepSeekV3").decodes(16, 1024);
  };
  const double counted = (decodes(gaps) - decodes(plain())) / 1e-3, launched = decodes(launches) / 1e-3;
  EXPECT_NEAR(launched - counted, 58 * 5, 1e-6);
}

// LLAMA3-8B has 32 layers of two all-reduces of 8 KiB per token; 512 KiB are 64 tokens.
TEST(StepPrices, SmallAllReducesNormalizeInTheSameKernel) {
  auto fused = plain();
  fused.fused_norms = true;
  const auto gain = [&](const char* gpu, std::int64_t gpus, std::int64_t sequences) {
    Steps apart(gpu, plain(), tensor_parallel(gpus)), together(gpu, fused, tensor_parallel(gpus));
    return apart.decodes(sequences, 1024) - together.decodes(sequences, 1024);
  };
  const auto launches = [&](const char* gpu) {
    return 64 * Steps(gpu, plain()).device().memory_bound(Bytes(0)).time.value();
  };
  EXPECT_NEAR(gain("H200-SXM", 8, 64), launches("H200-SXM"), 1e-9);
  EXPECT_EQ(gain("H200-SXM", 8, 65), 0);
  EXPECT_NEAR(gain("B200-SXM", 8, 65), launches("B200-SXM"), 1e-9);
  EXPECT_EQ(gain("A100-80GB-SXM", 8, 4), 0);
  EXPECT_EQ(gain("H200-SXM", 1, 4), 0);
}

TEST(StepPrices, ANormOverAllHeadsIsAnAllReduceMore) {
  for (const std::int64_t gpus : {1, 4}) {
    Steps over_all("H200-SXM", plain(), tensor_parallel(gpus), "MiniMax-M2"),
        by_head("H200-SXM", plain(), tensor_parallel(gpus), "MiniMax-M2");
    by_head.model().qk_norm_across_heads = false;
    const double more = over_all.decodes(16, 1024) - by_head.decodes(16, 1024);
    EXPECT_EQ(more > 62 * 5e-6, gpus > 1) << more;
    EXPECT_EQ(more > 0, gpus > 1) << more;
  }
}

// Three products more in each of 45 layers of Gated DeltaNet, and what splits and joins what they make.
TEST(StepPrices, SeparateProductsOfGatedDeltaNetTakeLonger) {
  auto separate = plain();
  separate.separate_products = true;
  const auto decodes = [](const workload::EngineProfile& engine, const char* model) {
    return Steps("B200-SXM", engine, tensor_parallel(8), model).decodes(16, 1024);
  };
  EXPECT_GT(decodes(separate, "Qwen3.5-397B-A17B"), decodes(plain(), "Qwen3.5-397B-A17B") + 45 * 10e-6);
  EXPECT_EQ(decodes(separate, "DeepSeekV3"), decodes(plain(), "DeepSeekV3"));
}

// 1,024 tokens, of 256 sequences or as many: the states of 45 layers, 4 MiB each, are read once for four tokens and
// written after each; SGLang reads and writes the right one once more.
TEST(StepPrices, DraftsOfGatedDeltaNetWriteAStateForEveryToken) {
  const auto moved = [](const char* framework, Precision state = Precision::fp32) {
    auto engine = plain();
    engine.framework = framework;
    auto plan = tensor_parallel(8);
    plan.state = state;
    Steps steps("B200-SXM", engine, plan, "Qwen3.5-397B-A17B");
    const double bytes = 45 * 4194304.0 / 8 * bytes_per_element(state) / 4;
    const double rate = 1e9 / steps.device().memory_bound(Bytes(1000000000)).time.value();
    return (steps.decodes(256, 1, 4) - steps.decodes(1024, 1)) * rate / bytes;
  };
  EXPECT_NEAR(moved("sglang"), 256 * 7 - 1024 * 2, 60);
  EXPECT_NEAR(moved("sglang", Precision::bf16), 256 * 7 - 1024 * 2, 120);
  EXPECT_NEAR(moved("tensorrt_llm"), 256 * 7 - 1024 * 2, 60);
  EXPECT_NEAR(moved("vllm"), 256 * 5 - 1024 * 2, 60);
}

TEST(StepPrices, TheHostChecksDraftsSequenceBySequence) {
  auto checking = plain();
  checking.draft_sequence_host = Seconds(1e-4);
  EXPECT_EQ(Steps("B200-SXM", checking).decodes(64, 1), Steps("B200-SXM", plain()).decodes(64, 1));
  EXPECT_NEAR(Steps("B200-SXM", checking).decodes(64, 1, 4), Steps("B200-SXM", plain()).decodes(64, 1, 4) + 64e-4,
              1e-12);
}

TEST(StepPrices, LongProductsByFlashInferAreSlow) {
  const auto slower = [](const char* gpu, std::int64_t ranks, std::int32_t tokens) {
    auto engine = plain(), by_flashinfer = plain();
    engine.framework = by_flashinfer.framework = "sglang";
    by_flashinfer.flashinfer_products = true;
    auto plan = tensor_parallel(8 / ranks);
    plan.attention_data_parallel = ranks;
    return Steps(gpu, by_flashinfer, plan, "DeepSeekV3").prompts(tokens) /
           Steps(gpu, engine, plan, "DeepSeekV3").prompts(tokens);
  };
  EXPECT_GT(slower("B200-SXM", 1, 8192), 1.1);
  EXPECT_LT(slower("B200-SXM", 1, 8192), 2);
  EXPECT_EQ(slower("B200-SXM", 1, 16), 1);
  EXPECT_EQ(slower("B200-SXM", 8, 8192), 1);
  EXPECT_EQ(slower("H200-SXM", 1, 8192), 1);
}

// What a context of 32,768 tokens adds to a chunk; the prompt's other kernels are the engines' own.
TEST(StepPrices, EnginesDecompressLatentContextsAlike) {
  const auto more = [](const char* framework) {
    auto engine = plain();
    engine.framework = framework;
    Steps steps("H200-SXM", engine, tensor_parallel(8), "DeepSeekV3");
    return steps.prompts(8192, 32768) - steps.prompts(8192);
  };
  EXPECT_NEAR(more("sglang") / more("vllm"), 1, 0.25);
}

/// Eight attention ranks over which DeepSeek's experts are spread, on nodes of so many GPUs.
Steps spread(std::int64_t node_gpus, Precision experts) {
  auto engine = plain();
  engine.framework = "sglang";
  auto plan = tensor_parallel(1);
  plan.attention_data_parallel = plan.expert_parallel = 8;
  plan.expert_precision = experts;
  return Steps("GB200", engine, plan, "DeepSeekV3", node_gpus);
}

// Experts and exchanges work on what fills the other ranks up as if it were prompts.
TEST(StepPrices, OnePromptCostsAsManyAsThereAreRanksWhenTheseAreFilledUp) {
  workload::EngineProfile engine;
  engine.framework = "vllm";
  const workload::ServingPlan plan{.attention_data_parallel = 4, .expert_parallel = 4};
  Steps as_they_are("H200-SXM", engine, plan, "Qwen3-235B-A22B");
  engine.padded_ranks = true;
  Steps filled_up("H200-SXM", engine, plan, "Qwen3-235B-A22B");
  const RankStep prompt{.chunks = {{.tokens = 4000, .context = 0, .last = true}}};
  EXPECT_EQ(filled_up.one_rank(prompt), as_they_are.prompts(4000));
  EXPECT_GT(filled_up.one_rank(prompt), 1.3 * as_they_are.one_rank(prompt));
  EXPECT_EQ(filled_up.prompts(4000), as_they_are.prompts(4000));
  const RankStep decodes{.chunks = {}, .decodes = 64, .decode_context = 64000};
  EXPECT_EQ(filled_up.one_rank(decodes), as_they_are.one_rank(decodes));
}

// 256 sequences on each rank: the fused kernels' tables have milliseconds for what grouped products take a fraction of.
TEST(StepPrices, ExpertsAreGroupedProductsWhereTokensTravelByDeepEP) {
  for (const Precision format : {Precision::fp8_block, Precision::nvfp4})
    EXPECT_LT(spread(4, format).decodes(256, 1024), spread(8, format).decodes(256, 1024));
}

// Every expert's block of 128 rows is computed whatever the batch: 94 layers of 128 experts of 768 columns on a GPU are
// 29 TFLOP, at no more than an H200's 1,979 TFLOP/s.
TEST(StepPrices, ExpertsThatAreFilledUpTakeTheSameForAnyBatch) {
  auto filled = plain();
  filled.framework = "vllm";
  auto fused = filled;
  filled.expert_block = 128;
  const auto more = [&](std::int64_t sequences, std::int64_t gpus) {
    return Steps("H200-SXM", filled, tensor_parallel(gpus), "Qwen3-235B-A22B").decodes(sequences, 64) -
           Steps("H200-SXM", fused, tensor_parallel(gpus), "Qwen3-235B-A22B").decodes(sequences, 64);
  };
  const double few = Steps("H200-SXM", filled, tensor_parallel(2), "Qwen3-235B-A22B").decodes(4, 64);
  const double many = Steps("H200-SXM", filled, tensor_parallel(2), "Qwen3-235B-A22B").decodes(16, 64);
  EXPECT_GT(few, 94.0 * 128 * 127 * 3 * 768 * 4096 * 2 / 1979e12);
  EXPECT_LT(many, 1.1 * few);
  EXPECT_GT(more(4, 2), 0);
  EXPECT_EQ(more(4, 8), 0);
}

/// What four tokens of MiniMax-M2 take longer in vLLM on four GPUs where its experts are CUTLASS'.
double more_by_cutlass(const char* gpu, Precision experts, std::int64_t spread = 1) {
  auto engine = plain();
  engine.framework = "vllm";
  auto plan = tensor_parallel(4);
  plan.expert_precision = experts;
  plan.expert_parallel = spread;
  const double own = Steps(gpu, engine, plan, "MiniMax-M2").decodes(4, 64);
  engine.cutlass_experts = true;
  return Steps(gpu, engine, plan, "MiniMax-M2").decodes(4, 64) - own;
}

// 62 layers; the table of vLLM on H200 has 63 us for four tokens and experts shared by four GPUs, by Triton. Spread
// ones are CUTLASS' anyway.
TEST(StepPrices, ExpertsByCutlassAreForHopper) {
  EXPECT_GT(more_by_cutlass("H200-SXM", Precision::fp8_block), 62 * 20e-6);
  EXPECT_LT(more_by_cutlass("H200-SXM", Precision::fp8_block), 62 * 80e-6);
  EXPECT_EQ(more_by_cutlass("H200-SXM", Precision::fp8_block, 4), 0);
  EXPECT_EQ(more_by_cutlass("H200-SXM", Precision::bf16), 0);
  EXPECT_EQ(more_by_cutlass("B200-SXM", Precision::fp8_block), 0);
}

// Two nodes of four GPUs in one NVLink domain: NCCL takes some 20 us more for each of 122 all-reduces of 61 layers. On
// GB300 what SGLang fell back to took 1.02 ms more for the 97 of Llama 4 Scout, 11 us each (sgl-project/sglang #36429).
TEST(StepPrices, KernelsOfOneNodeAreNoneOfTwo) {
  const auto apart = [](const char* framework) {
    auto engine = plain();
    engine.framework = framework;
    const auto plan = tensor_parallel(8);
    return Steps("GB200", engine, plan, "DeepSeekV3", 4).decodes(4, 1024) -
           Steps("GB200", engine, plan, "DeepSeekV3", 8).decodes(4, 1024);
  };
  for (const char* framework : {"sglang", "vllm"}) {
    EXPECT_GT(apart(framework), 122 * 10e-6);
    EXPECT_LT(apart(framework), 122 * 30e-6);
  }
  EXPECT_EQ(apart("tensorrt_llm"), 0);
}

/// One decode of DeepSeek in TensorRT-LLM on eight GPUs over which its experts are spread.
double spread_decode(const char* gpu, std::int64_t attention_ranks, bool deep_gemm, Precision experts) {
  auto engine = plain();
  engine.deep_gemm = deep_gemm;
  auto plan = tensor_parallel(8 / attention_ranks);
  plan.attention_data_parallel = attention_ranks;
  plan.expert_parallel = 8;
  plan.expert_precision = experts;
  return Steps(gpu, engine, plan, "DeepSeekV3").decodes(4, 1024);
}

// 58 layers of experts, each with a tenth of a millisecond around its products, some of which the fused kernel has.
TEST(StepPrices, SpreadBlockScaledExpertsRunByDeepGemmOnBlackwell) {
  const double fused = spread_decode("B200-SXM", 1, false, Precision::fp8_block);
  const double grouped = spread_decode("B200-SXM", 1, true, Precision::fp8_block);
  EXPECT_GT(grouped, fused + 58 * 30e-6);
  EXPECT_LT(grouped, fused + 58 * 100e-6);
  EXPECT_EQ(spread_decode("B200-SXM", 1, true, Precision::nvfp4),
            spread_decode("B200-SXM", 1, false, Precision::nvfp4));
  EXPECT_EQ(spread_decode("H200-SXM", 1, true, Precision::fp8_block),
            spread_decode("H200-SXM", 1, false, Precision::fp8_block));
  EXPECT_EQ(spread_decode("B200-SXM", 8, true, Precision::fp8_block),
            spread_decode("B200-SXM", 8, false, Precision::fp8_block));
}

// 36 layers of 1.3 ms of Python on the way to Triton's kernels, however short the prompt; in graphs none of it.
TEST(StepPrices, ExpertsByTritonWaitForTheHostWhenLaunched) {
  auto eager = plain();
  eager.graph_sequences = 0;
  eager.eager_kernel_host = Seconds(1e-9);  // by Python
  auto plan = tensor_parallel(4);
  plan.expert_precision = Precision::mxfp4;
  EXPECT_NEAR(Steps("H200-SXM", eager, plan, "GPT-OSS-120B").decodes(4, 1024), 36 * 1.3e-3, 1e-6);
  EXPECT_LT(Steps("H200-SXM", plain(), plan, "GPT-OSS-120B").decodes(4, 1024), 10e-3);
  EXPECT_LT(Steps("B200-SXM", eager, plan, "GPT-OSS-120B").decodes(4, 1024), 10e-3);
}

// The decodes beside a prompt take as long as alone.
TEST(StepPrices, PromptsSlowWhatTheyAddAlone) {
  auto slow = plain();
  slow.prompt_slowdown = 2;
  Steps slowed("H100-SXM", slow), as_timed("H100-SXM", plain());
  const auto prompt = [](std::int64_t decodes) {
    return RankStep{
        .chunks = {{.tokens = 256, .context = 0, .last = true}}, .decodes = decodes, .decode_context = 4000 * decodes};
  };
  EXPECT_NEAR(slowed.one_rank(prompt(0)), 2 * as_timed.one_rank(prompt(0)), 0.02 * as_timed.one_rank(prompt(0)));
  const double decodes = as_timed.decodes(64, 4000), added = as_timed.one_rank(prompt(64)) - decodes;
  EXPECT_NEAR(slowed.one_rank(prompt(64)), decodes + 2 * added, 0.02 * decodes);
}

}  // namespace
}  // namespace plenum::datacenter
