#include "workloads/diffusion/generation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workloads/diffusion/block.hpp"

namespace plenum::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Transformer model_named(const std::string& name) {
  Issues issues;
  return find_model(name, issues).value_or(Transformer{});
}

double flops(const Operations& operations) {
  double sum = 0;
  for (const Operation& operation : operations) sum += flops_of(operation).value();
  return sum;
}

/// FLUX's decoder at 1,024 x 1,024 by hand, in units of 2 x 9 x 128^2 x 1,024^2 = c. The full resolution has six
/// convolutions 128 -> 128, the first with 256 channels in (7 c, and a shortcut of 2 c / 9); half of it 256 (a quarter
/// of the pixels, four times the products: 7 c and 2 c / 9) and one at full size before it grows (4 c); and so on.
TEST(Generation, DecoderInClosedForm) {
  const Diffusion d = *model_named("FLUX.1-dev").diffusion;
  const double c = 2.0 * 9 * 128 * 128 * 1024 * 1024, n = 128 * 128;
  const double ends = c / 64 * 16 / 128 * 4 + c * 3 / 128;
  const double middle = 4 * c / 4 + 4.0 / 9 * c / 4 + 4 * n * n * 512;
  const double eighth = 6 * c / 4, quarter = 6 * c, half = 7 * c + 2 * c / 9, full = 7 * c + 2 * c / 9;
  const double growing = c + 4 * c + 4 * c;
  EXPECT_NEAR(decoding_flops(d), ends + middle + eighth + quarter + half + full + growing, 1e-9 * decoding_flops(d));
}

/// What the GPUs that share a pass do together is the model's forward pass.
TEST(Generation, PassIsTheModelsForwardPass) {
  for (const char* name : {"FLUX.1-dev", "Wan2.1-T2V-14B", "DiT-XL/2"}) {
    const Transformer model = model_named(name);
    GenerationPlan plan;
    EXPECT_NEAR(flops(denoising_pass(model, plan, 1)) / forward_flops(model), 1, 1e-9) << name;
    EXPECT_NEAR(flops(denoising_pass(model, plan, 3)) / forward_flops(model), 3, 1e-9) << name;
    plan.sequence_parallel = 4;
    EXPECT_NEAR(4 * flops(denoising_pass(model, plan, 1)) / forward_flops(model), 1, 0.01) << name;
    plan.guidance = Guidance::batched;
    EXPECT_NEAR(4 * flops(denoising_pass(model, plan, 1)) / forward_flops(model), 2, 0.02) << name;
  }
}

TEST(Generation, TextEncoderReadsEveryTextOnce) {
  const Transformer encoder = model_named("T5-XXL-encoder");
  const double matrices = 24 * (4.0 * 4096 * 4096 + 3.0 * 4096 * 10240);
  const double one = flops(text_encoding(encoder, 1, 512));
  EXPECT_GT(one, 2 * 512 * matrices);
  EXPECT_LT(one, 1.05 * 2 * 512 * matrices);
  EXPECT_NEAR(flops(text_encoding(encoder, 2, 512)), 2 * one, 1e-9 * one);
}

TEST(Generation, MemoryHoldsWeightsInTheirPrecision) {
  const Transformer model = model_named("FLUX.1-dev");
  GenerationPlan plan;
  EXPECT_EQ(generation_memory(model, plan, nullptr).weights, Bytes(2 * model.parameters()));
  plan.precision = Precision::fp8;
  EXPECT_LT(generation_memory(model, plan, nullptr).weights, Bytes(model.parameters() * 3 / 2));
}

TEST(Generation, PlansThatCanNotBe) {
  GenerationPlan plan;
  EXPECT_THAT(check(plan, model_named("FLUX.1-dev")), IsEmpty());
  plan.sequence_parallel = 7;
  plan.guidance = Guidance::batched;
  EXPECT_THAT(check(plan, model_named("FLUX.1-dev")),
              ElementsAre(Pair("/sequence_parallel", HasSubstr("7 doesn't divide the 4608 tokens")),
                          Pair("/sequence_parallel", HasSubstr("7 doesn't divide the 24 heads")),
                          Pair("/guidance", HasSubstr("none would be right"))));
}

}  // namespace
}  // namespace plenum::workload
