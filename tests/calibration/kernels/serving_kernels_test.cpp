#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "calibration/device.hpp"

namespace plenum::calibration {
namespace {

const std::vector<Device>& all_devices() {
  static const std::vector<Device> devices = [] {
    std::vector<Device> result;
    Issues issues;
    for (const auto& name : device_names()) result.push_back(std::move(*load_device(name, {}, "", issues)));
    return result;
  }();
  return devices;
}
const Device& any_device() { return all_devices()[*rc::gen::inRange<std::size_t>(0, all_devices().size())]; }
const Device& h100() {
  for (const Device& device : all_devices())
    if (device.name == "H100-SXM") return device;
  throw std::runtime_error("no H100");
}
Framework any_framework() {
  return *rc::gen::element(Framework::any, Framework::vllm, Framework::sglang, Framework::tensorrt_llm,
                           Framework::cutlass);
}
Precision any_precision() {
  return *rc::gen::element(Precision::bf16, Precision::fp16, Precision::fp8, Precision::fp8_block, Precision::mxfp8,
                           Precision::nvfp4);
}
/// A size between 1 and 2^exponent, spread evenly over the powers of two.
std::int64_t size(int exponent) {
  return static_cast<std::int64_t>(std::exp2(*rc::gen::inRange(0, exponent * 1000) / 1000.0));
}
std::int64_t more(std::int64_t x) { return x + *rc::gen::inRange<std::int64_t>(0, x + 2); }
// Ratios have three digits, half a percent each way: times of a curve on its own device grow but for that. Relatives,
// other formats and other head dimensions take the ratios over to a roofline of another shape.
constexpr double rounding = 1.01, taken_over = 1.15;

TEST(ServingKernels, DecodingGrowsWithBatchAndContext) {
  EXPECT_TRUE(rc::check([] {
    const Device& device = any_device();
    const auto framework = any_framework();
    const auto precision = any_precision();
    const auto kv_heads = size(5), heads = kv_heads * size(4), batch = size(11), context = size(17);
    const auto head_dim = *rc::gen::element<std::int64_t>(64, 80, 128, 192, 256, 512);
    const auto time = [&](std::int64_t b, std::int64_t c) {
      return device.decode_attention(b, heads, kv_heads, c, head_dim, precision, framework).time.value();
    };
    RC_ASSERT(time(batch, context) > 1e-6);
    RC_ASSERT(time(more(batch), context) * taken_over >= time(batch, context));
    RC_ASSERT(time(batch, more(context)) * taken_over >= time(batch, context));
  }));
}

TEST(ServingKernels, DecodingGrowsExactlyWhereItWasMeasured) {
  EXPECT_TRUE(rc::check([] {
    const auto kv_heads = size(5), heads = kv_heads * size(4), batch = size(11), context = size(17);
    const auto precision = *rc::gen::element(Precision::bf16, Precision::fp8);
    const auto kernels = any_framework();
    const auto time = [&](std::int64_t b, std::int64_t c) {
      return h100().decode_attention(b, heads, kv_heads, c, 128, precision, kernels).time.value();
    };
    RC_ASSERT(time(more(batch), context) * rounding >= time(batch, context));
    RC_ASSERT(time(batch, more(context)) * rounding >= time(batch, context));
  }));
}

TEST(ServingKernels, APrefixCostsTimeAndNoPrefixIsAPrompt) {
  EXPECT_TRUE(rc::check([] {
    const Device& device = any_device();
    const auto precision = any_precision();
    const auto kv_heads = size(4), heads = kv_heads * size(4), batch = size(5), tokens = size(14), cached = size(15);
    const auto time = [&](std::int64_t prefix) {
      return device.prefill_attention(batch, heads, kv_heads, tokens, prefix, 128, precision).time.value();
    };
    RC_ASSERT(time(cached) * taken_over >= time(0));
    RC_ASSERT(time(more(cached)) * taken_over >= time(cached));
  }));
}

TEST(ServingKernels, LatentAttentionGrowsWithBatchAndLength) {
  EXPECT_TRUE(rc::check([] {
    const Device& device = any_device();
    const auto precision = any_precision();
    const auto framework = any_framework();
    const MlaShape shape{.batch = size(8), .heads = size(7), .query_length = 1, .kv_length = size(16)};
    MlaShape wider = shape, longer = shape;
    wider.batch = more(shape.batch);
    longer.kv_length = more(shape.kv_length);
    const auto decode = [&](const MlaShape& s) { return device.mla_decode(s, precision, framework).time.value(); };
    RC_ASSERT(decode(wider) * taken_over >= decode(shape));
    RC_ASSERT(decode(longer) * taken_over >= decode(shape));
    const auto prefill = [&](MlaShape s) {
      s.query_length = s.kv_length;
      return device.mla_prefill(s, precision, framework).time.value();
    };
    RC_ASSERT(prefill(wider) * taken_over >= prefill(shape));
    RC_ASSERT(prefill(longer) * taken_over >= prefill(shape));
  }));
}

TEST(ServingKernels, ExpertsNeedTimeForEveryTokenThatComes) {
  EXPECT_TRUE(rc::check([] {
    const Device& device = any_device();
    const auto precision = any_precision();
    const auto framework = any_framework();
    const auto experts = *rc::gen::element<std::int64_t>(8, 16, 64, 128, 256, 384);
    const MoeShape shape{.tokens = size(16),
                         .hidden = 1024 * *rc::gen::inRange<std::int64_t>(2, 8),
                         .ffn = 256 * *rc::gen::inRange<std::int64_t>(1, 56),
                         .experts = experts,
                         .local_experts = experts / *rc::gen::element<std::int64_t>(1, 2, 4, 8),
                         .top_k = *rc::gen::element<std::int64_t>(1, 2, 4, 8)};
    MoeShape doubled = shape;
    doubled.tokens = 2 * shape.tokens;
    const double time = device.moe(shape, precision, framework).time.value();
    RC_ASSERT(time > 1e-6);
    // Between nodes a kernel may gain efficiency a little faster than it gets work.
    RC_ASSERT(device.moe(doubled, precision, framework).time.value() * 1.25 >= time);
  }));
}

// Depths from 256 on, as layers have: below the first node the roofline of another depth is taken over.
TEST(ServingKernels, LayersGrowWithTheirColumns) {
  EXPECT_TRUE(rc::check([] {
    const auto precision = *rc::gen::element(Precision::fp8, Precision::fp8_block);
    const auto framework = *rc::gen::element(Framework::sglang, Framework::tensorrt_llm);
    const auto m = size(15), n = size(16), k = 256 * size(8);
    const auto time = [&](std::int64_t columns, std::int64_t depth) {
      return h100().linear_layer(m, columns, depth, precision, framework).time.value();
    };
    RC_ASSERT(time(more(n), k) * rounding >= time(n, k));
    RC_ASSERT(time(n, more(k)) * rounding >= time(n, k));
  }));
}

struct Published {
  std::int64_t m = 0, n = 0, k = 0;
  double microseconds = 0;
};

// TensorRT-LLM's block-scaled layers on H200, as published: the first row of a tile doubles the time, its last ones
// win most of it back.
TEST(ServingKernels, LayersJumpWhereATileBegins) {
  Issues issues;
  const auto h200 = load_device("H200-SXM", {}, "", issues);
  ASSERT_TRUE(h200);
  for (const auto& [m, n, k, measured] : std::vector<Published>{{64, 2048, 7168, 12.4},
                                                                {65, 2048, 7168, 26.2},
                                                                {128, 2048, 7168, 14.4},
                                                                {129, 2048, 7168, 34.3},
                                                                {256, 2048, 7168, 17.0},
                                                                {257, 2048, 7168, 35.1},
                                                                {64, 4096, 4096, 10.4},
                                                                {65, 4096, 4096, 17.8},
                                                                {128, 4096, 4096, 11.8},
                                                                {129, 4096, 4096, 23.2},
                                                                {256, 4096, 4096, 14.4},
                                                                {257, 4096, 4096, 26.2}}) {
    const double time = 1e6 * h200->linear_layer(m, n, k, Precision::fp8_block, Framework::tensorrt_llm).time.value();
    EXPECT_NEAR(time, measured, 0.15 * measured) << m << " x " << n << " x " << k;
  }
}

TEST(ServingKernels, NoGroupedProductBeatsThePeak) {
  EXPECT_TRUE(rc::check([] {
    const Device& device = any_device();
    const auto precision = any_precision();
    const auto groups = size(8), m = size(14), n = 64 * size(9), k = 64 * size(9);
    const auto peak = device.specification.peak.find(precision);
    RC_PRE(peak != device.specification.peak.end());
    const double flops = 2.0 * double(groups) * double(m) * double(n) * double(k);
    RC_ASSERT(flops / device.grouped_matrix_product(groups, m, n, k, precision).time.value() <=
              peak->second.value() * rounding);
  }));
}

// TensorRT-LLM's products look at every expert on the GPU: the table of H200 has 117 us for a token with 256 of them,
// 67 with 128.
TEST(ServingKernels, ExpertsWithoutRowsTakeTimeToo) {
  const auto token = [](std::int64_t here) {
    const MoeShape minimax{.tokens = 1, .hidden = 3072, .ffn = 1536, .experts = 256, .local_experts = here, .top_k = 8};
    return h100().moe(minimax, Precision::fp8_block, Framework::tensorrt_llm).time.value();
  };
  EXPECT_GT(token(256), token(128) + 30e-6);
}

// vLLM ran FlashInfer's kernels with FP8 experts, Triton's and FlashInfer's with block-scaled ones.
TEST(ServingKernels, CutlassAnswersForVllmWhereItHasNoKernelOfItsOwn) {
  const auto experts = [](Precision precision, Framework framework) {
    const MoeShape deepseek{.tokens = 64, .hidden = 7168, .ffn = 2048, .experts = 256, .local_experts = 32, .top_k = 8};
    return h100().moe(deepseek, precision, framework).time.value();
  };
  EXPECT_EQ(experts(Precision::fp8, Framework::vllm), experts(Precision::fp8, Framework::cutlass));
  EXPECT_NE(experts(Precision::fp8_block, Framework::vllm), experts(Precision::fp8_block, Framework::cutlass));
}

TEST(ServingKernels, NothingTakesNoTime) {
  EXPECT_EQ(h100().decode_attention(0, 32, 8, 1024, 128, Precision::bf16).time.value(), 0);
  EXPECT_EQ(h100().prefill_attention(1, 32, 8, 0, 1024, 128, Precision::bf16).time.value(), 0);
  EXPECT_EQ(h100().mla_decode({}, Precision::bf16).time.value(), 0);
  EXPECT_EQ(h100().mla_prefill({}, Precision::bf16).time.value(), 0);
  EXPECT_EQ(h100().moe({}, Precision::bf16).time.value(), 0);
  EXPECT_EQ(h100().grouped_matrix_product(0, 1, 1, 1, Precision::bf16).time.value(), 0);
}

}  // namespace
}  // namespace plenum::calibration
