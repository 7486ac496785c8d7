#include "workloads/training/step.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "random_plan.hpp"
#include "workloads/training/flops.hpp"
#include "workloads/training/share.hpp"

namespace plenum::workload {
namespace {

double flops_in(const Operations& operations) {
  double sum = 0;
  for (const Operation& operation : operations) sum += flops_of(operation).value();
  return sum;
}

/// Of all ranks and micro-batches.
double executed_flops(const Transformer& model, const TrainingPlan& plan) {
  double of_micro_batch = 0;
  for (const Stage& stage : training_step(model, plan).stages)
    for (const Chunk& chunk : stage.chunks) of_micro_batch += flops_in(chunk.forward) + flops_in(chunk.backward);
  return of_micro_batch *
         static_cast<double>(plan.micro_batches() * plan.data_parallel * plan.context_parallel * plan.tensor_parallel);
}

/// Per token 6 per matrix element, 2 more when layers are computed again; scores: 4 s h per layer forward. A fused
/// kernel computes half of them (causal), 2.5 times that backward; batched products compute all of them, twice
/// backward.
double expected_flops(const Transformer& model, const TrainingPlan& plan) {
  const double matrices = static_cast<double>(layer_matrix_parameters(model));
  const double head = static_cast<double>(model.hidden * padded_vocabulary(model, plan));
  const double scores = static_cast<double>(4 * plan.sequence_length * model.layers * model.heads * model.head_dim);
  const double forward_scores = plan.flash_attention ? scores / 2 : scores;
  double per_token = 6 * (matrices + head) + forward_scores * (plan.flash_attention ? 3.5 : 3);
  if (plan.recompute == Recompute::full) per_token += 2 * matrices + forward_scores;
  if (plan.recompute == Recompute::selective && !plan.flash_attention) per_token += forward_scores;
  return per_token * static_cast<double>(plan.global_batch * plan.sequence_length);
}

std::int64_t copied(const Operations& operations) {
  std::int64_t bytes = 0;
  for (const Operation& operation : operations)
    if (operation.family == Family::sharding) bytes += std::get<MemoryBound>(operation.work).bytes.value();
  return bytes;
}

/// Parameters out of their buffer in either pass (r2 w2), gradients into another (r2 w4).
TEST(Step, ShardedParametersAreCopiedUnlessTheyStandInPlace) {
  Issues issues;
  const Transformer model = find_model("LLAMA3-8B", issues).value_or(Transformer{});
  TrainingPlan plan;
  plan.global_batch = 8;
  plan.sequence_length = 1024;
  plan.recompute = Recompute::none;
  plan.sharding = Sharding::parameters;
  ASSERT_TRUE(complete(plan, model, 8).empty());
  const auto chunk = [&] { return training_step(model, plan).stages.front().chunks.front(); };
  EXPECT_EQ(copied(chunk().forward), 4 * chunk().parameters);
  EXPECT_EQ(copied(chunk().backward), (4 + 6) * chunk().parameters);
  plan.shards_in_place = true;
  EXPECT_EQ(copied(chunk().forward) + copied(chunk().backward), 0);
}

TEST(Step, NoFlopIsLostOrInvented) {
  EXPECT_TRUE(rc::check([] {
    const Case random = random_case();
    const double expected = expected_flops(random.model, random.plan);
    RC_ASSERT(expected < 9007199254740992.0);  // 2^53: sums are exact
    RC_ASSERT(executed_flops(random.model, random.plan) == expected);
  }));
}

/// Tensor-parallel ranks repeat norms, positions and the biases behind reductions; padding adds rows; a tied embedding
/// has a copy on the last of several stages.
TEST(Step, NoParameterIsLostOrInvented) {
  EXPECT_TRUE(rc::check([] {
    const auto [model, plan] = random_case();
    const std::int64_t t = plan.tensor_parallel;
    std::int64_t held = 0;
    for (const Stage& stage : training_step(model, plan).stages)
      for (const Chunk& chunk : stage.chunks) {
        RC_ASSERT(chunk.outer_parameters <= chunk.parameters);
        held += t * chunk.parameters;
      }
    std::int64_t repeated = (2 * model.layers + 1) * model.norm_parameters();
    if (model.learned_positions) repeated += model.context * model.hidden;
    if (model.biases) repeated += model.layers * 2 * model.hidden;
    if (model.qk_norm) repeated += model.layers * 2 * model.head_dim;
    const std::int64_t padding = (padded_vocabulary(model, plan) - model.vocabulary) * model.hidden;
    const bool copied = model.tied_embeddings && plan.pipeline_parallel > 1;
    const std::int64_t copy = copied ? padded_vocabulary(model, plan) * model.hidden : 0;
    const bool padded_twice = !model.tied_embeddings;
    RC_ASSERT(held == model.parameters() + (t - 1) * repeated + padding * (padded_twice ? 2 : 1) + copy);
  }));
}

struct Traffic {
  std::map<CollectiveKind, std::int64_t> bytes;
  std::int64_t hidden_bytes = 0;
};

Traffic tensor_traffic(const Operations& operations) {
  Traffic traffic;
  for (const Operation& operation : operations)
    if (const auto* c = std::get_if<Communication>(&operation.work); c && c->group == GroupDimension::tensor) {
      traffic.bytes[c->kind] += c->bytes.value() * operation.count;
      if (c->overlapped) traffic.hidden_bytes += c->bytes.value() * operation.count;
    }
  return traffic;
}

/// A stage in the middle, so that only layers communicate. One tensor of activations is 2 s b h bytes.
Case middle_case() {
  Case example{.model = {}, .plan = {}};
  example.model.layers = 8;
  example.model.hidden = 512;
  example.model.heads = 8;
  example.model.vocabulary = 1000;
  example.model.fill_defaults();
  example.plan.tensor_parallel = 4;
  example.plan.pipeline_parallel = 4;
  example.plan.data_parallel = 1;
  example.plan.micro_batch = 2;
  example.plan.global_batch = 8;
  example.plan.sequence_length = 256;
  example.plan.recompute = Recompute::none;
  return example;
}
constexpr std::int64_t tensor_bytes = 2 * 256 * 2 * 512;

Chunk middle_chunk(const Case& example) { return training_step(example.model, example.plan).stages[1].chunks[0]; }

// Korthikanti 2022, 4.2.2: two all-gathers and two reduce-scatters forward, the mirror image backward, and one more
// all-gather per column-parallel matrix for its weight's gradient.
TEST(Step, SequenceParallelLayersGatherAndScatter) {
  const Chunk chunk = middle_chunk(middle_case());
  ASSERT_EQ(chunk.layers, 2);
  const Traffic forward = tensor_traffic(chunk.forward), backward = tensor_traffic(chunk.backward);
  EXPECT_EQ(forward.bytes,
            (std::map<CollectiveKind, std::int64_t>{{CollectiveKind::all_gather, 2 * 2 * tensor_bytes},
                                                    {CollectiveKind::reduce_scatter, 2 * 2 * tensor_bytes}}));
  EXPECT_EQ(backward.bytes,
            (std::map<CollectiveKind, std::int64_t>{{CollectiveKind::all_gather, 2 * 4 * tensor_bytes},
                                                    {CollectiveKind::reduce_scatter, 2 * 2 * tensor_bytes}}));
  EXPECT_EQ(forward.hidden_bytes, 0);
  EXPECT_EQ(backward.hidden_bytes, 2 * 4 * tensor_bytes);  // beside the two gradients' products
}

// Shoeybi 2019, 3: two all-reduces forward and two backward; a whole boundary is gathered where it arrives.
TEST(Step, TensorParallelLayersReduce) {
  Case example = middle_case();
  example.plan.sequence_parallel = false;
  const Chunk chunk = middle_chunk(example);
  const std::map<CollectiveKind, std::int64_t> expected{{CollectiveKind::all_reduce, 2 * 2 * tensor_bytes},
                                                        {CollectiveKind::all_gather, tensor_bytes}};
  EXPECT_EQ(tensor_traffic(chunk.forward).bytes, expected);
  EXPECT_EQ(tensor_traffic(chunk.backward).bytes, expected);
}

TEST(Step, FullRecomputationRepeatsTheForwardPassWithItsCommunication) {
  Case example = middle_case();
  example.plan.recompute = Recompute::full;
  const Traffic backward = tensor_traffic(middle_chunk(example).backward);
  EXPECT_EQ(backward.bytes.at(CollectiveKind::all_gather), 2 * 6 * tensor_bytes);
  EXPECT_EQ(backward.bytes.at(CollectiveKind::reduce_scatter), 2 * 4 * tensor_bytes);
}

TEST(Step, QuantizedOperandsTravelInTheirOwnSize) {
  Case example = middle_case();
  example.plan.precision = Precision::fp8;
  const Traffic forward = tensor_traffic(middle_chunk(example).forward);
  EXPECT_EQ(forward.bytes.at(CollectiveKind::all_gather), 2 * 2 * tensor_bytes / 2);
  EXPECT_EQ(forward.bytes.at(CollectiveKind::reduce_scatter), 2 * 2 * tensor_bytes);
}

TEST(Step, ContextParallelRanksExchangeKeysAndValues) {
  Case example = middle_case();
  example.plan.context_parallel = 2;
  const Chunk chunk = middle_chunk(example);
  const auto context_bytes = [](const Operations& operations) {
    std::int64_t bytes = 0;
    for (const Operation& operation : operations)
      if (const auto* c = std::get_if<Communication>(&operation.work); c && c->group == GroupDimension::context)
        bytes += c->bytes.value() * operation.count;
    return bytes;
  };
  const std::int64_t keys_and_values = 2 * 2 * 2 * 256 * 512 / 4;  // bytes, tensors, sequences, tokens, width per rank
  EXPECT_EQ(context_bytes(chunk.forward), 2 * keys_and_values);
  EXPECT_EQ(context_bytes(chunk.backward), 2 * 2 * keys_and_values);
}

// arXiv 2309.14509, 3.1: queries, keys and values go to the ranks of their heads, what was attended to comes back.
TEST(Step, UlyssesExchangesHeadsForTokens) {
  Case example = middle_case();
  example.plan.context_parallel = 2;
  example.plan.context_method = ContextMethod::all_to_all;
  const Chunk chunk = middle_chunk(example);
  const auto ring_case = [&] {
    Case ring = example;
    ring.plan.context_method = ContextMethod::ring;
    return middle_chunk(ring);
  }();
  std::int64_t exchanged = 0;
  for (const Operation& operation : chunk.forward)
    if (const auto* c = std::get_if<Communication>(&operation.work); c && c->kind == CollectiveKind::all_to_all)
      exchanged += c->bytes.value() * operation.count;
  EXPECT_EQ(exchanged, 2 * (2 * 2 * 128 * (4 * 512) / 4));  // layers x (bytes, sequences, tokens, q k v and output)
  EXPECT_DOUBLE_EQ(flops_in(chunk.forward), flops_in(ring_case.forward));
}

TEST(Step, ZeroBubbleMovesGradientsOfWeightsOnly) {
  Case example = middle_case();
  const Chunk whole = middle_chunk(example);
  example.plan.schedule = PipelineSchedule::zero_bubble;
  const Chunk split = middle_chunk(example);
  EXPECT_EQ(split.backward.size() + split.weights.size(), whole.backward.size());
  EXPECT_FALSE(split.weights.empty());
  for (const Operation& operation : split.weights)
    EXPECT_EQ(operation.name.find("input_gradient"), std::string_view::npos);
}

TEST(Step, BoundaryIsAnActivationTensorSplitOverTheTensorGroup) {
  Case example = middle_case();
  EXPECT_EQ(training_step(example.model, example.plan).boundary, Bytes(tensor_bytes / 4));
}

TEST(Step, SummarizesTheJob) {
  Case example = middle_case();
  example.plan.data_parallel = 4;
  example.plan.context_parallel = 2;
  example.plan.shards = 2;
  const TrainingStep step = training_step(example.model, example.plan);
  EXPECT_EQ(step.tokens, 8 * 256);
  EXPECT_EQ(step.optimizer_group, 8);
  EXPECT_EQ(step.shard_group, 2);
  EXPECT_FALSE(step.gathers_each_pass);
  EXPECT_EQ(step.gradient_element, Bytes(4));
  EXPECT_EQ(step.parameter_element, Bytes(2));
}

// Reads and writes master weight and two moments, reads the gradient (all fp32), writes the bf16 weight: 30 bytes.
TEST(Step, AdamTouchesItsShardOnly) {
  Case example = middle_case();
  example.plan.data_parallel = 4;
  const Stage stage = training_step(example.model, example.plan).stages[1];
  const auto adam = std::ranges::find(stage.optimizer, "adam", &Operation::name);
  ASSERT_NE(adam, stage.optimizer.end());
  EXPECT_EQ(std::get<MemoryBound>(adam->work).bytes, Bytes(30 * stage.chunks[0].parameters / 4));
}

TEST(Step, ACompiledLossReadsTheLogitsOnceInEachDirection) {
  Case example = middle_case();
  example.plan.compiled_loss = true;
  const Stage stage = training_step(example.model, example.plan).stages.back();
  const auto bytes = [](const Operations& operations, std::string_view name) {
    const auto found = std::ranges::find(operations, name, &Operation::name);
    return found == operations.end() ? Bytes(0) : std::get<MemoryBound>(found->work).bytes;
  };
  EXPECT_GT(bytes(stage.chunks.back().forward, "loss"), Bytes(0));
  EXPECT_EQ(bytes(stage.chunks.back().backward, "loss_backward"), 2 * bytes(stage.chunks.back().forward, "loss"));
}

TEST(Step, GradientsAreClippedUnlessThePlanSaysNo) {
  Case example = middle_case();
  const auto clips = [&] {
    const Operations optimizer = training_step(example.model, example.plan).stages[0].optimizer;
    return std::ranges::count_if(optimizer, [](const Operation& o) {
      return o.name == "gradient_norm" || o.name == "reduce_gradient_norm" || o.name == "clip_gradients";
    });
  };
  EXPECT_GE(clips(), 2);
  example.plan.clip_gradients = false;
  EXPECT_EQ(clips(), 0);
}

std::vector<std::int64_t> layers_along_the_model(std::int64_t layers, std::int64_t stages, std::int64_t chunks) {
  Transformer model{};
  model.layers = layers;
  TrainingPlan plan;
  plan.pipeline_parallel = stages;
  plan.virtual_stages = chunks;
  std::vector<std::int64_t> along;
  for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
    for (std::int64_t rank = 0; rank < stages; ++rank) along.push_back(layers_of(model, plan, rank, chunk));
  return along;
}

TEST(LayersOf, EmbeddingAndHeadCountAsLayersWhenThatDivides) {
  std::vector<std::int64_t> expected(128, 1);
  expected.front() = expected.back() = 0;
  EXPECT_EQ(layers_along_the_model(126, 16, 8), expected);
  EXPECT_EQ(layers_along_the_model(10, 4, 1), (std::vector<std::int64_t>{2, 3, 3, 2}));
}

TEST(LayersOf, TheEndsGiveFirst) {
  EXPECT_EQ(layers_along_the_model(12, 4, 1), (std::vector<std::int64_t>{3, 3, 3, 3}));
  EXPECT_EQ(layers_along_the_model(11, 4, 1), (std::vector<std::int64_t>{3, 3, 3, 2}));
  EXPECT_EQ(layers_along_the_model(9, 4, 1), (std::vector<std::int64_t>{2, 3, 2, 2}));
  EXPECT_EQ(layers_along_the_model(1, 3, 1), (std::vector<std::int64_t>{0, 1, 0}));
}

TEST(LayersOf, AddsUp) {
  EXPECT_TRUE(rc::check([] {
    const auto stages = *rc::gen::inRange<std::int64_t>(1, 20);
    const auto chunks = *rc::gen::inRange<std::int64_t>(1, 6);
    const auto layers = *rc::gen::inRange<std::int64_t>(std::max<std::int64_t>(1, stages * chunks - 2), 200);
    std::int64_t sum = 0;
    for (const std::int64_t count : layers_along_the_model(layers, stages, chunks)) {
      RC_ASSERT(count >= 0);
      sum += count;
    }
    RC_ASSERT(sum == layers);
  }));
}

}  // namespace
}  // namespace plenum::workload
