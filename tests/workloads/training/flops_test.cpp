#include "workloads/training/flops.hpp"

#include <gtest/gtest.h>

namespace plenum::workload {
namespace {

Transformer gpt(std::int64_t layers, std::int64_t hidden, std::int64_t heads) {
  Transformer model{};
  model.layers = layers;
  model.hidden = hidden;
  model.heads = heads;
  model.vocabulary = 51200;
  model.gated_mlp = false;
  model.tied_embeddings = true;
  model.fill_defaults();
  return model;
}

TrainingPlan batch_of(std::int64_t sequences) {
  TrainingPlan plan;
  plan.data_parallel = 1;
  plan.global_batch = sequences;
  plan.sequence_length = 2048;
  plan.recompute = Recompute::none;
  return plan;
}

constexpr double B = 1536, s = 2048, L = 96, h = 12288, V = 51200;

TEST(Flops, ModelFlopsAreKorthikantisForGpt3) {
  const double expected = 72 * B * L * s * h * h * (1 + s / (6 * h) + V / (12 * h * L));
  EXPECT_NEAR(model_flops(gpt(96, 12288, 96), batch_of(1536)).value() / expected, 1, 1e-14);
}

TEST(Flops, FullRecomputationIsNarayanansEquationThree) {
  TrainingPlan plan = batch_of(1536);
  plan.recompute = Recompute::full;
  const double expected = 96 * B * s * L * h * h * (1 + s / (6 * h) + V / (16 * L * h));
  EXPECT_NEAR(hardware_flops(gpt(96, 12288, 96), plan).value() / expected, 1, 1e-14);
}

// Korthikanti 2022, table 5: iteration times on A100 (312 TFLOP/s) and the MFU that the authors derive. Tolerance:
// times are rounded to 0.005 s, MFU to 0.05 points.
struct Published {
  Transformer model;
  std::int64_t batch, gpus;
  double seconds, utilization;
};

TEST(Flops, GiveThePublishedUtilization) {
  const Published rows[] = {{gpt(48, 6144, 64), 4, 8, 1.10, 0.415},
                            {gpt(96, 12288, 96), 64, 64, 13.75, 0.514},
                            {gpt(105, 20480, 128), 280, 280, 37.83, 0.560},
                            {gpt(128, 25600, 160), 512, 512, 71.49, 0.563}};
  for (const Published& row : rows) {
    const double rate =
        model_flops(row.model, batch_of(row.batch)).value() / row.seconds / static_cast<double>(row.gpus);
    EXPECT_NEAR(rate / 312e12, row.utilization, 0.0005 + row.utilization * 0.005 / row.seconds) << row.gpus;
  }
}

TEST(Flops, SelectiveRecomputationAddsScoresOnlyWithoutAFusedKernel) {
  TrainingPlan plan = batch_of(4);
  plan.recompute = Recompute::selective;
  const Transformer model = gpt(48, 6144, 64);
  EXPECT_EQ(hardware_flops(model, plan), model_flops(model, plan));
  plan.flash_attention = false;
  EXPECT_EQ((hardware_flops(model, plan) - model_flops(model, plan)).value(), 4.0 * 4 * 2048 * 2048 * 6144 * 48);
}

// MLPerf's configurations count Llama 3.1 405B as 2.17e16 FLOP per sequence of 8,192 (three digits).
TEST(Flops, Llama405bPerSequence) {
  Transformer model{};
  model.layers = 126;
  model.hidden = 16384;
  model.heads = 128;
  model.kv_heads = 8;
  model.ffn = 53248;
  model.vocabulary = 128256;
  model.fill_defaults();
  TrainingPlan plan = batch_of(1);
  plan.sequence_length = 8192;
  EXPECT_NEAR(model_flops(model, plan).value(), 2.15e16, 0.025e16);
}

}  // namespace
}  // namespace plenum::workload
