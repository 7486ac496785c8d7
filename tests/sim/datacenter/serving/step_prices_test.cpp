// Steps against what memory, graphs and the host allow.
#include "sim/datacenter/serving/step_prices.hpp"

#include <gtest/gtest.h>

namespace plenum::datacenter {
namespace {

class Steps {
 public:
  Steps(const std::string& gpu, workload::EngineProfile engine, workload::ServingPlan plan = {})
      : plan_(plan), engine_(std::move(engine)), device_(*calibration::load_device(gpu, {}, "", issues_)) {}

  double decodes(std::int64_t sequences, std::int64_t context_each) {
    StepPrices prices(model_, plan_, engine_, device_, {});
    return prices.decode_step(sequences, sequences * context_each, sequences).value();
  }
  const calibration::Device& device() const { return device_; }

 private:
  Issues issues_;
  workload::Transformer model_ = *workload::find_model("LLAMA3-8B", issues_);
  workload::ServingPlan plan_;
  workload::EngineProfile engine_;
  calibration::Device device_;
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

}  // namespace
}  // namespace plenum::datacenter
