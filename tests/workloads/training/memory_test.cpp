#include "workloads/training/memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "random_plan.hpp"
#include "sim/core/csv.hpp"
#include "workloads/training/step.hpp"

namespace plenum::workload {
namespace {

constexpr double gib = 1073741824.0;

/// Korthikanti 2022, figure 1 (values as in github.com/calculon-ai/calculon, calculon/llm/validation.py, Apache-2.0):
/// GiB of parameters with optimizer state and of activations on the first stage, TP 8, sequence 2048, FP16.
struct Figure1 {
  const char* model;
  std::int64_t pipeline, chunks, micro_batch;
  bool modern;  ///< sequence parallelism and selective recomputation
  double states, activations;
};

Transformer model_named(const std::string& name) {
  Issues issues;
  return find_model(name, issues).value_or(Transformer{});
}

void PrintTo(const Figure1& row, std::ostream* out) {
  *out << row.model << (row.modern ? ", sequence parallel, selective" : ", no recomputation");
}

class Korthikanti : public ::testing::TestWithParam<Figure1> {};

TEST_P(Korthikanti, Figure1) {
  const Figure1& row = GetParam();
  TrainingPlan plan;
  plan.tensor_parallel = 8;
  plan.pipeline_parallel = row.pipeline;
  plan.virtual_stages = row.chunks;
  plan.data_parallel = 1;
  plan.micro_batch = row.micro_batch;
  plan.global_batch = row.micro_batch * row.pipeline * 8;
  plan.sequence_length = 2048;
  plan.precision = Precision::fp16;
  plan.sequence_parallel = row.modern;
  plan.recompute = row.modern ? Recompute::selective : Recompute::none;
  plan.sharding = Sharding::none;
  plan.flash_attention = false;
  plan.dropout = true;
  const Transformer model = model_named(row.model);
  ASSERT_TRUE(complete(plan, model, plan.ranks()).empty());
  const std::vector<StageMemory> stages = peak_memory(model, plan);
  // The figure counts layers only. A middle stage has no embedding; the one stage of 22B has: 1.9 % of its states.
  const StageMemory& middle = stages[stages.size() / 2];
  const Bytes states = middle.parameters + middle.gradients + middle.optimizer;
  EXPECT_NEAR(static_cast<double>(states.value()) / gib / row.states, 1, 0.02);
  // Beside layers of 21 bytes per element and more: the embedding's dropout mask of 1 byte, at most once per 2 layers
  // (2.4 %), and where the first stage is the last one the head's tensors (4 % of 22B's 9.6 GiB).
  EXPECT_NEAR(static_cast<double>(stages[0].activations.value()) / gib / row.activations, 1, 0.045);
}

INSTANTIATE_TEST_SUITE_P(Published, Korthikanti,
                         ::testing::Values(Figure1{"Megatron-GPT-22B", 1, 1, 4, false, 45.5625, 59.25},
                                           Figure1{"Megatron-GPT-22B", 1, 1, 4, true, 45.5625, 9.5625},
                                           Figure1{"GPT3-175B", 8, 3, 1, false, 45.5625, 66.84375},
                                           Figure1{"GPT3-175B", 8, 3, 1, true, 45.5625, 12.3515625},
                                           Figure1{"Megatron-GPT-530B", 35, 3, 1, false, 31.640625, 114.0234375},
                                           Figure1{"Megatron-GPT-530B", 35, 3, 1, true, 31.640625, 23.076171875},
                                           Figure1{"Megatron-GPT-1T", 64, 1, 1, false, 32.958984375, 131.25},
                                           Figure1{"Megatron-GPT-1T", 64, 1, 1, true, 32.958984375, 26.5625}));

/// Peak of PyTorch's allocator in Megatron-Core on 8 B200, bf16, distributed optimizer, cross-entropy fusion, sequence
/// 4096 (github.com/MooreThreads/SimuMax, B200 results of release v1.2): layers kept, plan, GiB.
struct Allocated {
  const char* model;
  std::int64_t layers, tensor, context, pipeline, length;
  double gib;
};

void PrintTo(const Allocated& row, std::ostream* out) {
  *out << row.model << " x" << row.layers << " tp" << row.tensor << " cp" << row.context << " pp" << row.pipeline;
}

class Simumax : public ::testing::TestWithParam<Allocated> {};

TEST_P(Simumax, PeakAllocated) {
  const Allocated& row = GetParam();
  Transformer model = model_named(row.model);
  model.layers = row.layers;
  TrainingPlan plan;
  plan.tensor_parallel = row.tensor;
  plan.context_parallel = row.context;
  plan.pipeline_parallel = row.pipeline;
  plan.sequence_length = row.length;
  plan.recompute = Recompute::none;
  plan.global_batch = 4 * 8 / (row.tensor * row.context * row.pipeline);
  ASSERT_TRUE(complete(plan, model, 8).empty());
  double peak = 0;
  for (const StageMemory& m : peak_memory(model, plan))
    peak = std::max(peak, static_cast<double>(m.tensors().value()) / gib);
  EXPECT_NEAR(peak / row.gib, 1, 0.10) << peak;
}

INSTANTIATE_TEST_SUITE_P(Published, Simumax,
                         ::testing::Values(Allocated{"LLAMA3-70B", 12, 1, 1, 2, 4096, 66.55},
                                           Allocated{"LLAMA3-70B", 12, 2, 1, 1, 4096, 60.68},
                                           Allocated{"LLAMA3-70B", 12, 4, 1, 1, 4096, 39.07},
                                           Allocated{"LLAMA3-70B", 12, 8, 1, 1, 4096, 28.29},
                                           Allocated{"LLAMA3.1-405B", 4, 1, 1, 2, 4096, 87.08},
                                           Allocated{"LLAMA3.1-405B", 4, 2, 1, 1, 4096, 81.59},
                                           Allocated{"LLAMA3.1-405B", 4, 4, 1, 1, 4096, 52.89},
                                           Allocated{"LLAMA3.1-405B", 4, 8, 1, 1, 4096, 38.57},
                                           Allocated{"LLAMA3-70B", 12, 2, 4, 1, 32768, 68.43}));

/// The share that is kept free is the median of published runs, to half a percent.
TEST(Memory, AllocatorsReserveMoreThanTensorsTake) {
  Issues issues;
  const auto table = read_csv(PLENUM_REPOSITORY_ROOT "/analysis/measurements/allocator_public.csv", issues);
  ASSERT_TRUE(table);
  std::vector<double> shares;
  for (const auto& row : table->rows) {
    const auto number = [&](const char* column) { return std::stod(std::string(table->cell(row, column))); };
    shares.push_back(number("max_reserved_MiB") / number("max_allocated_MiB") - 1);
  }
  std::ranges::sort(shares);
  const auto [model, plan] = std::pair{
      model_named("LLAMA3-8B"),
      TrainingPlan{.data_parallel = 1, .global_batch = 1, .sequence_length = 4096, .recompute = Recompute::none}};
  const StageMemory memory = peak_memory(model, plan).front();
  const double share =
      static_cast<double>(memory.fragmentation.value()) / static_cast<double>(memory.tensors().value());
  EXPECT_NEAR(share, shares[shares.size() / 2], 0.0025);
  EXPECT_EQ(memory.total(), memory.tensors() + memory.fragmentation + memory.buffers);
}

TEST(Memory, StatesAreEighteenBytesPerParameter) {
  EXPECT_TRUE(rc::check([] {
    auto [model, plan] = random_case();
    plan.precision = Precision::bf16;
    plan.sharding = Sharding::none;
    const auto memory = peak_memory(model, plan);
    const auto step = training_step(model, plan);
    for (std::size_t rank = 0; rank < memory.size(); ++rank) {
      std::int64_t parameters = 0;
      for (const Chunk& chunk : step.stages[rank].chunks) parameters += chunk.parameters;
      RC_ASSERT(memory[rank].parameters + memory[rank].gradients + memory[rank].optimizer == Bytes(18 * parameters));
    }
  }));
}

TEST(Memory, MoreShardingAndRecomputationNeverTakeMore) {
  EXPECT_TRUE(rc::check([] {
    auto [model, plan] = random_case();
    plan.sharding = Sharding::none;
    const auto replicated = peak_memory(model, plan);
    plan.sharding = Sharding::optimizer;
    const auto sharded = peak_memory(model, plan);
    plan.recompute = Recompute::none;
    const auto kept = peak_memory(model, plan);
    plan.recompute = Recompute::selective;
    const auto selective = peak_memory(model, plan);
    plan.recompute = Recompute::modules;
    const auto modules = peak_memory(model, plan);
    for (std::size_t rank = 0; rank < sharded.size(); ++rank) {
      RC_ASSERT(sharded[rank].total() <= replicated[rank].total());
      RC_ASSERT(selective[rank].total() <= kept[rank].total());
      RC_ASSERT(modules[rank].total() <= kept[rank].total());
    }
  }));
}

Transformer llama() { return model_named("LLAMA3.1-405B"); }

TrainingPlan llama_plan() {
  TrainingPlan plan;
  plan.tensor_parallel = 8;
  plan.pipeline_parallel = 16;
  plan.virtual_stages = 8;
  plan.global_batch = 2048;
  plan.sharding = Sharding::gradients;
  plan.recompute = Recompute::none;
  return plan;
}

// Llama 3 405B was trained at 8K without recomputation (arXiv 2407.21783, 3.3.2).
TEST(LeastRecompute, TakesTheFirstThatFits) {
  TrainingPlan plan = llama_plan();
  ASSERT_TRUE(complete(plan, llama(), 16384).empty());
  const auto least = [](TrainingPlan plan, std::int64_t gibibytes) {
    recompute_least(llama(), plan, Bytes(gibibytes << 30));
    return plan;
  };
  EXPECT_EQ(least(plan, 80).recompute, Recompute::none);
  TrainingPlan unfused = plan;
  unfused.flash_attention = false;
  EXPECT_EQ(least(unfused, 80).recompute, Recompute::selective);
}

/// One layer less than what is chosen does not fit, and more memory never takes more layers.
TEST(RecomputeLeast, TakesAsFewLayersAsFit) {
  TrainingPlan plan;
  plan.tensor_parallel = 8;
  plan.global_batch = 64;
  const Transformer model = model_named("LLAMA3-70B");
  ASSERT_TRUE(complete(plan, model, 64).empty());
  const auto needed = [&](Recompute recompute) {
    TrainingPlan tried = plan;
    tried.recompute = recompute;
    return peak_memory(model, tried).front().total();
  };
  const Bytes least_needed = needed(Recompute::full), most_needed = needed(Recompute::none);
  std::int64_t fewer = model.layers;
  for (std::int64_t tenth = 1; tenth < 10; ++tenth) {
    const Bytes capacity = least_needed + (most_needed - least_needed) * tenth / 10;
    TrainingPlan least = plan;
    recompute_least(model, least, capacity);
    ASSERT_EQ(least.recompute, needed(Recompute::modules) <= capacity ? Recompute::modules : Recompute::full) << tenth;
    EXPECT_TRUE(fits(model, least, capacity)) << tenth;
    if (least.recompute == Recompute::modules) continue;
    EXPECT_LE(least.recompute_layers, fewer);
    fewer = least.recompute_layers;
    --least.recompute_layers;
    EXPECT_TRUE(least.recompute_layers == 0 || !fits(model, least, capacity)) << tenth;
  }
}

TEST(WaysToFit, EachOfThemFits) {
  TrainingPlan plan = llama_plan();
  plan.virtual_stages = 1;
  plan.micro_batch = 2;
  plan.global_batch = 8192;
  ASSERT_TRUE(complete(plan, llama(), 16384).empty());
  const Bytes capacity(84LL << 30);
  EXPECT_THAT(ways_to_fit(llama(), plan, capacity), ::testing::IsSupersetOf({"recompute: full", "micro_batch: 1"}));
}

TEST(WaysToFit, NothingWhenItFitsAndAWordWhenNothingHelps) {
  TrainingPlan plan = llama_plan();
  ASSERT_TRUE(complete(plan, llama(), 16384).empty());
  ASSERT_TRUE(fits(llama(), plan, Bytes(80LL << 30)));
  EXPECT_THAT(ways_to_fit(llama(), plan, Bytes(80LL << 30)), ::testing::IsEmpty());
  EXPECT_THAT(ways_to_fit(llama(), plan, Bytes(1LL << 30)),
              ::testing::ElementsAre("more GPUs, or GPUs with more memory"));
}

TEST(WaysToFit, CombinesTwoWhenOneIsNotEnough) {
  TrainingPlan plan;
  plan.tensor_parallel = 8;
  plan.global_batch = 64;
  plan.recompute = Recompute::none;
  plan.sharding = Sharding::none;
  const Transformer model = model_named("LLAMA3-70B");
  ASSERT_TRUE(complete(plan, model, 64).empty());
  const auto ways = ways_to_fit(model, plan, Bytes(24LL << 30));
  ASSERT_FALSE(ways.empty());
  EXPECT_THAT(ways.front(), ::testing::HasSubstr(" and "));
}

}  // namespace
}  // namespace plenum::workload
