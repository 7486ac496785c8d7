// What casts to 8 bits read and write, against counts by hand for one dense layer.
#include "workloads/training/casts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "workloads/training/activations.hpp"
#include "workloads/training/layer.hpp"
#include "workloads/training/step.hpp"

namespace plenum::workload {
namespace {

Transformer llama() {
  Issues issues;
  return find_model("LLAMA3-8B", issues).value_or(Transformer{});
}

TrainingPlan plan_of(Casts casts, bool compiled = true, Precision precision = Precision::fp8) {
  TrainingPlan plan;
  plan.global_batch = 1;
  plan.sequence_length = 1024;
  plan.recompute = Recompute::none;
  plan.precision = precision;
  plan.casts = casts;
  plan.fused_kernels = compiled;
  EXPECT_THAT(complete(plan, llama(), 1), ::testing::IsEmpty());
  return plan;
}

double cast_bytes(const Operations& operations) {
  double sum = 0;
  for (const Operation& operation : operations)
    if (operation.name.starts_with("cast_"))
      sum += static_cast<double>(std::get<MemoryBound>(operation.work).bytes.value() * operation.count);
  return sum;
}
double forward(const TrainingPlan& plan) { return cast_bytes(layer_forward(llama(), plan, {})); }
double backward(const TrainingPlan& plan) { return cast_bytes(layer_backward(llama(), plan, {})); }

// Operands of a layer's four products for 1,024 tokens: two norms, what attention found, what the MLP activated; its
// weights; gradients of what the four products gave.
constexpr double tokens = 1024, attended = tokens * 4096, inputs = tokens * (3 * 4096.0 + 14336);
constexpr double weights = 4096.0 * (6144 + 4096 + 3 * 14336), gradients = tokens * (6144 + 2 * 4096.0 + 2 * 14336);

/// Norms cast on the way; two copies of the rest from 16 bits. Weights are no layer's business.
TEST(Casts, OfTransformerEngineAreCached) {
  EXPECT_DOUBLE_EQ(forward(plan_of(Casts::cached)), 4 * tokens * (4096 + 14336));
  EXPECT_DOUBLE_EQ(backward(plan_of(Casts::cached)), 4 * gradients);
}

/// Compiled: r2 and two copies of each operand; largest values of what attention found and of weights need a pass.
TEST(Casts, OncePerOperand) {
  EXPECT_DOUBLE_EQ(forward(plan_of(Casts::per_operand)), 4 * inputs + 2 * attended + 6 * weights);
  EXPECT_DOUBLE_EQ(backward(plan_of(Casts::per_operand)), 4 * gradients);
}

/// Compiled: r2 w1 for either operand of three products, with a pass for the largest value of all that is not just
/// written.
TEST(Casts, OncePerUse) {
  EXPECT_DOUBLE_EQ(forward(plan_of(Casts::per_use)), 3 * inputs + 2 * attended + 5 * weights);
  EXPECT_DOUBLE_EQ(backward(plan_of(Casts::per_use)), 3 * gradients + 5 * (gradients + inputs + weights));
}

/// Six passes of 27 and 6 bytes, transposed copies of 2 (8 bits) and 4 bytes (16 bits).
TEST(Casts, RunEagerlyKernelByKernel) {
  EXPECT_DOUBLE_EQ(forward(plan_of(Casts::per_operand, false)), 35 * (inputs + weights));
  EXPECT_DOUBLE_EQ(backward(plan_of(Casts::per_operand, false)), 35 * gradients);
  EXPECT_DOUBLE_EQ(forward(plan_of(Casts::per_use, false)), 33 * (inputs + weights));
  EXPECT_DOUBLE_EQ(backward(plan_of(Casts::per_use, false)), 33 * gradients + 37 * (gradients + inputs + weights));
}

/// The largest values of four operands and four matrices, then of four gradients, are joined over the tensor group.
TEST(Casts, ShareOneScaleOverTheTensorGroup) {
  TrainingPlan plan = plan_of(Casts::per_operand);
  plan.tensor_parallel = 2;
  const auto joined = [](const Operations& operations) {
    return std::ranges::count(operations, "reduce_largest", &Operation::name);
  };
  EXPECT_EQ(joined(layer_forward(llama(), plan, {})), 8);
  EXPECT_EQ(joined(layer_backward(llama(), plan, {})), 4);
  plan.casts = Casts::per_use;  // a scale per row is a rank's own
  EXPECT_EQ(joined(layer_forward(llama(), plan, {})), 0);
}

/// A scale per block is found by the kernel that casts.
TEST(Casts, OfBlocksNeedNoPassForTheLargest) {
  const double copy = 1 + 1.0 / 32;
  EXPECT_NEAR(forward(plan_of(Casts::per_operand, true, Precision::mxfp8)) / ((2 + 2 * copy) * (inputs + weights)), 1,
              1e-6);
}

TEST(Casts, NothingIn16Bits) {
  for (const Casts casts : {Casts::cached, Casts::per_operand, Casts::per_use})
    EXPECT_EQ(forward(plan_of(casts, true, Precision::bf16)) + backward(plan_of(casts, true, Precision::bf16)), 0);
}

TEST(Casts, OfFrozenWeightsMakeOneProductBackward) {
  TrainingPlan plan = plan_of(Casts::per_use);
  plan.adapter_rank = 8;
  EXPECT_DOUBLE_EQ(backward(plan), 3 * gradients + 5 * weights);
}

/// Products that cast for themselves keep 16 bits for the backward pass: two norms' outputs and what was activated,
/// where the others keep 8, and no quantized copy of what attention found.
TEST(Casts, DecideWhatWaits) {
  const auto kept = [](Casts casts) { return layer_activations(llama(), plan_of(casts), {}).value(); };
  EXPECT_EQ(kept(Casts::per_operand), kept(Casts::cached));
  EXPECT_EQ(static_cast<double>(kept(Casts::per_use) - kept(Casts::cached)), tokens * (2 * 4096.0 + 14336 - 4096));
}

/// torchao's float8 all-gather: cast where they stand, one byte travels, and only the transposed copy is left to do.
TEST(Casts, MayComeBeforeTheGathering) {
  TrainingPlan plan = plan_of(Casts::per_operand);
  plan.sharding = Sharding::parameters;
  const TrainingStep plain = training_step(llama(), plan);
  const double without = forward(plan);
  plan.gather_quantized = true;
  EXPECT_DOUBLE_EQ(without - forward(plan), 4 * weights);
  EXPECT_EQ(plain.parameter_element, Bytes(2));
  const TrainingStep step = training_step(llama(), plan);
  EXPECT_EQ(step.parameter_element, Bytes(1));
  const auto casts = [](const TrainingStep& of) {
    return std::ranges::count(of.stages.front().optimizer, "cast_weights", &Operation::name);
  };
  EXPECT_EQ(casts(plain), 0);
  EXPECT_EQ(casts(step), 1);
}

}  // namespace
}  // namespace plenum::workload
