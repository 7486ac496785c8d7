#include "calibration/device.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "calibration/kernel_curves.hpp"

namespace plenum::calibration {
namespace {

using ::testing::HasSubstr;

Device load(const std::string& name) {
  Issues issues;
  auto device = load_device(name, {}, "", issues);
  for (const Issue& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  if (!device) throw std::runtime_error("no device " + name);
  return std::move(*device);
}

double product(const Device& device, std::int64_t m, std::int64_t n, std::int64_t k, Precision p = Precision::bf16) {
  return device.matrix_product(m, n, k, 1, p).time.value();
}

/// A size between 1 and 2^exponent, spread evenly over the powers of two.
rc::Gen<std::int64_t> size(int exponent) {
  return rc::gen::map(rc::gen::inRange(0, exponent * 1000),
                      [](int x) { return static_cast<std::int64_t>(std::exp2(x / 1000.0)); });
}
rc::Gen<Precision> precision() {
  return rc::gen::element(Precision::bf16, Precision::fp16, Precision::fp8, Precision::fp8_block, Precision::mxfp8,
                          Precision::nvfp4, Precision::tf32, Precision::fp32, Precision::int8);
}
const std::vector<Device>& all_devices() {
  static const std::vector<Device> devices = [] {
    std::vector<Device> result;
    for (const auto& name : device_names()) result.push_back(load(name));
    return result;
  }();
  return devices;
}
const Device& any_device() { return all_devices()[*rc::gen::inRange<std::size_t>(0, all_devices().size())]; }
constexpr double rounding = 1 + 1e-9;

TEST(Devices, AllLoad) { EXPECT_GE(all_devices().size(), 19U); }

TEST(EffectiveRows, AreRowsUpTo512AndHalfRoundedToTilesAbove) {
  EXPECT_EQ(effective_rows(1), 16);
  for (const double m : {16, 65, 129, 512, 640, 4096}) EXPECT_EQ(effective_rows(m), m);
  EXPECT_DOUBLE_EQ(effective_rows(513), std::sqrt(513.0 * 640));
  for (int m = 1; m < 2048; ++m) EXPECT_LE(effective_rows(m), effective_rows(m + 1)) << m;
}

TEST(Devices, AreKnownByTheNamesOfTrainingTables) {
  for (const auto& [alias, name] :
       std::vector<std::pair<std::string, std::string>>{{"H100", "H100-SXM"},
                                                        {"A100", "A100-80GB-SXM"},
                                                        {"A100-80GB", "A100-80GB-SXM"},
                                                        {"B200", "B200-SXM"},
                                                        {"A100-40GB", "A100-40GB-SXM"},
                                                        {"GB200", "GB200"},
                                                        {"GB300", "GB300"},
                                                        {"B300", "B300-SXM"},
                                                        {"H200", "H200-SXM"},
                                                        {"H100-96GB-HBM2e-500W", "H100-96GB-HBM2e-500W"},
                                                        {"H100-95GB-HBM2e", "H100-95GB-HBM2e"},
                                                        {"H20", "H20"},
                                                        {"H800", "H800-SXM"},
                                                        {"L40S", "L40S"},
                                                        {"V100", "V100-32GB-SXM"},
                                                        {"RTX4090", "RTX-4090"},
                                                        {"RTXPRO6000", "RTX-PRO-6000"}})
    EXPECT_EQ(load(alias).name, name);
}

TEST(Devices, AnUnknownNameIsAnIssueWithTheNearestOne) {
  Issues issues;
  EXPECT_FALSE(load_device("H10O", {"cluster.json", 8, 17}, "/cluster/gpu", issues));
  ASSERT_EQ(issues.all().size(), 1U);
  EXPECT_THAT(to_string(issues.all()[0]),
              HasSubstr("cluster.json:8:17: error: /cluster/gpu: unknown GPU \"H10O\"; did you "
                        "mean \"H100\"? (plenum list gpus)"));
}

TEST(Devices, SayOnWhatTheyStand) {
  EXPECT_EQ(load("H100").matrix_product(4096, 4096, 4096, 1, Precision::bf16).footing, Footing::measured);
  EXPECT_EQ(load("H100").matrix_product(4096, 4096, 4096, 1, Precision::fp8).footing, Footing::measured);
  EXPECT_EQ(load("H100").matrix_product(4096, 4096, 4096, 1, Precision::tf32).footing, Footing::inherited);
  EXPECT_EQ(load("H100").matrix_product(4096, 4096, 1 << 20, 1, Precision::bf16).footing, Footing::inherited);
  EXPECT_EQ(load("GB200").matrix_product(4096, 4096, 4096, 1, Precision::bf16).footing, Footing::inherited);
  EXPECT_EQ(load("H100").attention(1, 32, 8, 8192, 8192, 128, true, false, Precision::bf16).footing, Footing::measured);
  EXPECT_EQ(load("H100").attention(1, 32, 8, 8192, 8192, 128, true, true, Precision::bf16).footing, Footing::inherited);
  EXPECT_EQ(load("A100").memory_bound(Bytes(1 << 20)).footing, Footing::measured);
  EXPECT_EQ(load("A100-40GB").memory_bound(Bytes(1 << 20)).footing, Footing::inherited);
}

// Rates that others published for the same shapes and that no surface was fitted to (cuBLASLt,
// Azure/AI-benchmarking-guide: A100 256.5 TFLOP/s fp16, H100 1377 TFLOP/s fp8 for 16384 cubed; FlashAttention-2's
// figure 5: 176-193 TFLOP/s causal, head dimension 128, 16k on A100). 10 %: other drivers, clocks and library releases.
TEST(Devices, AgreeWithRatesPublishedElsewhere) {
  const double flops = 2.0 * 16384 * 16384 * 16384;
  EXPECT_NEAR(flops / product(load("A100"), 16384, 16384, 16384), 256.5e12, 0.1 * 256.5e12);
  EXPECT_NEAR(flops / product(load("H100"), 16384, 16384, 16384, Precision::fp8), 1377e12, 0.1 * 1377e12);
  const double attention =
      load("A100").attention(1, 16, 16, 16384, 16384, 128, true, false, Precision::bf16).time.value();
  EXPECT_NEAR(2.0 * 16 * 16384 * 16384 * 128 / attention, 185e12, 0.1 * 185e12);
}

// cuBLASLt on GB200, 16384 cubed: 7628 TFLOP/s (Azure/AI-benchmarking-guide). The tables' serving kernels reach 3500
// there; FP8's curve at twice the rate stays within the 25 % by which FP4 and FP8 differ in their efficiency.
TEST(Devices, LargeFp4ProductsAreNotHeldBackByServingKernels) {
  const double flops = 2.0 * 16384 * 16384 * 16384;
  EXPECT_NEAR(flops / product(load("GB200"), 16384, 16384, 16384, Precision::nvfp4), 7628e12, 0.25 * 7628e12);
}

TEST(Devices, MemoryBoundKernelsNeedLaunchAndBandwidth) {
  const Device h100 = load("H100");
  const double empty = h100.memory_bound(Bytes(0)).time.value();
  EXPECT_GT(empty, 1e-6);
  EXPECT_LT(empty, 5e-6);
  const double gigabyte = h100.memory_bound(Bytes(1'000'000'000)).time.value() - empty;
  EXPECT_NEAR(1e9 / gigabyte, 2.9e12, 0.1 * 2.9e12);  // copy benchmark of Azure/AI-benchmarking-guide: 2.90 TB/s
}

TEST(Devices, MemoryBoundKernelsHaveTheirOwnRatesWhereTheyWereTimed) {
  const Device measured = load("H200-SXM-microbench"), published = load("H100");
  const auto time = [](const Device& device, MemoryKernel kernel, bool fused, double clock = 1) {
    return device.memory_bound(Bytes(1'000'000'000), kernel, fused, clock).time;
  };
  EXPECT_GT(time(measured, MemoryKernel::rotary, true), 5 * time(measured, MemoryKernel::stream, true));
  EXPECT_GT(time(measured, MemoryKernel::activation, false), 2 * time(measured, MemoryKernel::activation, true));
  EXPECT_EQ(time(published, MemoryKernel::rotary, true), time(published, MemoryKernel::stream, true));
  // What doesn't reach a copy's rate waits for the multiprocessors.
  EXPECT_GT(time(measured, MemoryKernel::optimizer, true, 0.8), 1.2 * time(measured, MemoryKernel::optimizer, true));
  EXPECT_EQ(time(measured, MemoryKernel::stream, true, 0.8), time(measured, MemoryKernel::stream, true));
}

// The relative's, where a card inherits; products keep the shortest time that theirs had.
TEST(Devices, ShortMemoryBoundKernelsHaveALaunchOfTheirOwn) {
  const auto shortest = [](const char* name) { return 1e6 * load(name).memory_bound(Bytes(0)).time.value(); };
  EXPECT_NEAR(shortest("H100-SXM"), shortest("H100-SXM-microbench"), 1e-3);
  EXPECT_NEAR(shortest("H200-SXM"), shortest("H200-SXM-microbench"), 1e-3);
  EXPECT_EQ(shortest("H800-SXM"), shortest("H100-SXM"));
  EXPECT_NEAR(1e6 * product(load("H200-SXM"), 1, 32, 32), 2.645, 0.2);
}

// Blackwell Ultra against Blackwell: products as their compute rates, attention over prompts 1.35 times as fast
// besides.
TEST(Devices, AttentionMayScaleOnItsOwn) {
  const Device b200 = load("B200-SXM"), b300 = load("B300-SXM");
  const auto prompts = [](const Device& device) {
    return device.prefill_attention(1, 32, 8, 32768, 0, 128, Precision::bf16, Framework::vllm).time.value();
  };
  const auto pass = [](const Device& device, bool backward) {
    return device.attention(1, 32, 8, 32768, 32768, 128, true, backward, Precision::bf16).time.value();
  };
  EXPECT_NEAR(prompts(b200) / prompts(b300), 1.014 * 1.21, 0.03);
  EXPECT_NEAR(pass(b200, false) / pass(b300, false), 1.014 * 1.21, 0.03);
  EXPECT_NEAR(pass(b200, true) / pass(b300, true), 1.014, 0.03);
  EXPECT_NEAR(product(b200, 8192, 8192, 8192) / product(b300, 8192, 8192, 8192), 1.014, 0.01);
  for (const char* name : {"B300-SXM", "GB300"}) {
    const Device device = load(name);
    const double operations = 2.0 * 32 * 131072 * 131072 * 128, products = 2.0 * 16384 * 16384 * 16384;
    const double attending =
        operations / device.attention(1, 32, 8, 131072, 131072, 128, true, false, Precision::bf16).time.value();
    EXPECT_LT(attending, 1.05 * products / product(device, 16384, 16384, 16384)) << name;
  }
}

TEST(Devices, ThePowerLimitHoldsForTheMean) {
  const Device measured = load("H200-SXM-microbench");
  const OperatingPoint products = measured.operating_point(1), mixed = measured.operating_point(0.6),
                       reading = measured.operating_point(0);
  EXPECT_EQ(products.relief, 1);
  EXPECT_GT(mixed.relief, 1.1);
  EXPECT_LT(mixed.relief, 1.3);
  EXPECT_GT(mixed.clock, products.clock);
  EXPECT_EQ(reading.clock, 1);  // as fast as when nothing but memory-bound kernels ran
  EXPECT_EQ(load("H100").operating_point(0.6).relief, 1);
}

TEST(Devices, AMissingCardIsSlowerWhereItsSpecificationIs) {
  const Device full = load("H100"), capped = load("H100-96GB-HBM2e-500W");
  const double compute = product(capped, 8192, 8192, 8192) / product(full, 8192, 8192, 8192);
  EXPECT_NEAR(compute, 1 / 0.88, 0.01);
  EXPECT_NEAR(product(capped, 8, 16384, 16384) / product(full, 8, 16384, 16384), 3.35 / 2.4, 0.03);
}

TEST(Devices, BackwardAttentionTakesMoreThanForward) {
  const Device a100 = load("A100");
  const double forward = a100.attention(1, 32, 8, 4096, 4096, 128, true, false, Precision::bf16).time.value();
  const double backward = a100.attention(1, 32, 8, 4096, 4096, 128, true, true, Precision::bf16).time.value();
  EXPECT_NEAR(backward / forward, 2.5 / 0.87, 1e-9);
}

TEST(Devices, NothingTakesNoTime) {
  EXPECT_EQ(load("H100").matrix_product(0, 1, 1, 1, Precision::bf16).time.value(), 0);
  EXPECT_EQ(load("H100").attention(0, 1, 1, 1, 1, 1, true, false, Precision::bf16).time.value(), 0);
}

TEST(Devices, MatrixProductTimeGrowsWithEverySize) {
  EXPECT_TRUE(rc::check([] {
    const Device& device = any_device();
    const auto p = *precision();
    const auto m = *size(17), n = *size(18), k = *size(18), batch = *size(6);
    const auto more = [&](std::int64_t x) { return x + *rc::gen::inRange<std::int64_t>(0, x + 2); };
    const double time = device.matrix_product(m, n, k, batch, p).time.value();
    RC_ASSERT(time > 0);
    RC_ASSERT(device.matrix_product(more(m), n, k, batch, p).time.value() * rounding >= time);
    RC_ASSERT(device.matrix_product(m, more(n), k, batch, p).time.value() * rounding >= time);
    RC_ASSERT(device.matrix_product(m, n, more(k), batch, p).time.value() * rounding >= time);
    RC_ASSERT(device.matrix_product(m, n, k, more(batch), p).time.value() * rounding >= time);
  }));
}

TEST(Devices, AttentionTimeGrowsWithBatchAndLength) {
  EXPECT_TRUE(rc::check([] {
    const Device& device = any_device();
    const auto kv_heads = *size(4), heads = kv_heads * *size(4), batch = *size(6), length = *size(18);
    const auto head_dim = *rc::gen::element<std::int64_t>(32, 64, 80, 96, 128, 192, 256, 512);
    const bool causal = *rc::gen::arbitrary<bool>(), backward = *rc::gen::arbitrary<bool>();
    const auto p = *precision();
    const auto time = [&](std::int64_t b, std::int64_t l) {
      return device.attention(b, heads, kv_heads, l, l, head_dim, causal, backward, p).time.value();
    };
    RC_ASSERT(time(batch, length) > 0);
    RC_ASSERT(time(2 * batch, length) * rounding >= time(batch, length));
    RC_ASSERT(time(batch, length + length / 3 + 1) * rounding >= time(batch, length));
  }));
}

TEST(Devices, MemoryBoundTimeGrowsWithBytes) {
  EXPECT_TRUE(rc::check([] {
    const Device& device = any_device();
    const auto bytes = *size(40), more = bytes + *size(40);
    RC_ASSERT(device.memory_bound(Bytes(more)).time.value() >= device.memory_bound(Bytes(bytes)).time.value());
  }));
}

TEST(Devices, NoProductIsFasterThanThePeak) {
  EXPECT_TRUE(rc::check([] {
    const Device& device = any_device();
    const auto p = *precision();
    const auto m = *size(20), n = *size(20), k = *size(20);
    const auto peak = device.specification.peak.find(p);
    RC_PRE(peak != device.specification.peak.end());
    const double flops = 2.0 * double(m) * double(n) * double(k);
    RC_ASSERT(flops / product(device, m, n, k, p) <= peak->second.value() * rounding);
  }));
}

TEST(Devices, LargeProductsBeyondTheTablesKeepAPlausibleEfficiency) {
  for (const Device& device : all_devices()) {
    const double flops = 2.0 * 131072 * 65536 * 131072;
    const double efficiency =
        flops / product(device, 131072, 65536, 131072) / device.specification.peak.at(Precision::bf16).value();
    EXPECT_GT(efficiency, 0.45) << device.name;  // MI300X reaches 51 % at best (measurements/gpu_mamf.csv)
    // A card that clocks above its rated boost is held at the rated peak.
    EXPECT_LT(efficiency, device.inherits.empty() ? 0.95 : 1 + 1e-9) << device.name;
  }
}

TEST(Devices, SustainedWorkIsNeverFaster) {
  for (const Device& device : all_devices())
    for (const Precision p : {Precision::bf16, Precision::fp8, Precision::nvfp4}) {
      EXPECT_GE(device.sustained_slowdown(p), 1) << device.name;
      EXPECT_LT(device.sustained_slowdown(p), 1.2) << device.name;
    }
}

}  // namespace
}  // namespace plenum::calibration
