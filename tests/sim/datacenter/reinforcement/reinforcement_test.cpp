#include <gtest/gtest.h>

#include <algorithm>

#include "fork.hpp"
#include "sim/datacenter/simulation.hpp"
#include "workloads/serving/serving_memory.hpp"

namespace plenum::datacenter {
namespace {

Result run(const std::string& job, int nodes = 1) {
  const std::string text =
      R"({"cluster": {"preset": "DGX-H100", "nodes": )" + std::to_string(nodes) + R"(}, "jobs": [)" + job + "]}";
  Issues issues;
  const auto loaded = scenario::load_text(text, "test.json", {}, issues);
  const auto bound = loaded ? scenario::bind(*loaded, issues) : nullptr;
  if (!bound) throw std::runtime_error(to_string(issues.all().front()));
  return simulate(*bound, {.seed = 5});
}

Seconds time_of(const ReinforcementResult& result, Phase phase) {
  Seconds sum;
  for (const auto& span : result.phases)
    if (span.phase == phase) sum += span.end - span.start;
  return sum;
}

std::string reinforcement(const std::string& fields) {
  return R"({"reinforcement": {"model": "LLAMA3.2-1B", "prompts": 32, "samples_per_prompt": 4, )" + fields + "}}";
}

const std::string constant = R"("prompt": {"tokens": 256}, "response": {"tokens": 768}, )";
const std::string spread = R"("prompt": {"tokens": 256}, "response": {"kind": "log-normal", "tokens": 512}, )";
const std::string plan = R"("plan": {"global_batch": 128, "sequence_length": 1024, "recompute": "none"})";

/// Every phase of a job, by phase; then the step and the bytes of the weights' way.
std::vector<double> phases(const std::string& fields, int nodes = 1) {
  return test::in_child([&] {
    const auto result = run(reinforcement(fields), nodes).reinforcement.front();
    std::vector<double> numbers;
    for (std::size_t phase = 0; phase < phase_count; ++phase)
      numbers.push_back(time_of(result, static_cast<Phase>(phase)).value());
    numbers.push_back(result.step.value());
    numbers.push_back(result.sync_bytes);
    return numbers;
  });
}
double of(const std::vector<double>& numbers, Phase phase) { return numbers[static_cast<std::size_t>(phase)]; }
double step_of(const std::vector<double>& numbers) { return numbers[phase_count]; }
double bytes_of(const std::vector<double>& numbers) { return numbers[phase_count + 1]; }

double one(const std::function<double()>& simulate) {
  return test::in_child([&] { return std::vector{simulate()}; })[0];
}

TEST(Reinforcement, UpdateOfWholeSequencesIsTheTrainingJobsStep) {
  const auto numbers = phases(constant + plan + R"(, "rollout": {"memory_fraction": 0.5})");
  const double step =
      one([] { return run(R"({"training": {"model": "LLAMA3.2-1B", )" + plan + "}}").training.front().step.value(); });
  EXPECT_NEAR(of(numbers, Phase::actor_update), step, 1e-9 * step);
}

/// Prompts of one token have no whole KV block to share.
TEST(Reinforcement, RolloutIsTheServingJobs) {
  const auto numbers = phases(R"("prompt": {"tokens": 1}, "response": {"tokens": 768}, )" + plan +
                              R"(, "rollout": {"router": "round-robin", "kv_tokens": 200000})");
  const double end = one([] {
    return run(R"({"serving": {"model": "LLAMA3.2-1B", "router": "round-robin", "kv_tokens": 200000, "requests":
        {"arrivals": "at-once", "count": 128, "prompt": {"tokens": 1}, "output": {"tokens": 768}}}})")
        .serving.front()
        .end.value();
  });
  EXPECT_NEAR(of(numbers, Phase::rollout), end, 1e-9 * end);
}

TEST(Reinforcement, LogProbabilitiesAreTheForwardPart) {
  const auto numbers = phases(constant + plan + R"(, "rollout": {"memory_fraction": 0.5})");
  EXPECT_EQ(of(numbers, Phase::old_log_probs), of(numbers, Phase::reference_log_probs));
  EXPECT_GT(of(numbers, Phase::actor_update), 2.5 * of(numbers, Phase::old_log_probs));  // 3, and the optimizer
  EXPECT_LT(of(numbers, Phase::actor_update), 5 * of(numbers, Phase::old_log_probs));
}

TEST(Reinforcement, ColocatedPhasesTakeTurns) {
  const auto numbers = phases(spread + plan + R"(, "reward_time": "2 s", "offload": "all", "rollout": {})");
  double sum = 0;
  for (std::size_t phase = 0; phase < phase_count; ++phase) sum += numbers[phase];
  EXPECT_NEAR(step_of(numbers), sum, 1e-9);
  EXPECT_NEAR(of(numbers, Phase::reward), 2, 1e-9);
  EXPECT_GT(of(numbers, Phase::load), of(numbers, Phase::offload));  // the reference comes, and is dropped
}

TEST(Reinforcement, OneStepOffTakesTheLongerOfRolloutAndTraining) {
  const std::string split = spread + plan + R"(, "rollout": {"gpus": 4}, "reward_time": "1 s")";
  const auto together = phases(split), apart = phases(split + R"(, "one_step_off": true)");
  const auto training = [](const auto& n) {
    return of(n, Phase::reward) + of(n, Phase::old_log_probs) + of(n, Phase::reference_log_probs) +
           of(n, Phase::actor_update);
  };
  const double sync = of(together, Phase::weight_sync);
  EXPECT_NEAR(step_of(together), of(together, Phase::rollout) + training(together) + sync, 1e-9);
  EXPECT_NEAR(step_of(apart), std::max(of(apart, Phase::rollout), training(apart)) + sync, 1e-9);
  EXPECT_NEAR(training(apart), training(together), 1e-9);
}

/// Slices of all replicas are as many copies of the weights in 16 bits.
TEST(Reinforcement, ReshardingMovesEveryReplicasWeightsOnce) {
  Issues issues;
  auto model = workload::find_model("LLAMA3.2-1B", issues);
  model->fill_defaults();
  const auto slice = workload::weight_bytes(*model, {.tensor_parallel = 2}).value();
  const std::string split =
      constant + plan + R"(, "weight_sync": "reshard", "rollout": {"gpus": 4, "plan": {"tensor_parallel": 2}})";
  EXPECT_NEAR(bytes_of(phases(split)), 4.0 * static_cast<double>(slice), 1);
}

/// Of four GPUs that share a copy fully, each is sent three quarters of the weights, over a ring inside the node.
TEST(Reinforcement, ColocatedRanksGatherTheTensorsThatTheyShare) {
  const std::string sharded =
      R"("plan": {"global_batch": 128, "sequence_length": 1024, "recompute": "none", "sharding": "parameters", "shards": 4})";
  Issues issues;
  auto model = workload::find_model("LLAMA3.2-1B", issues);
  model->fill_defaults();
  const double whole = 2.0 * static_cast<double>(model->parameters());
  const auto shared = phases(constant + sharded + R"(, "rollout": {"memory_fraction": 0.5})");
  const auto whole_copies = phases(constant + plan + R"(, "rollout": {"memory_fraction": 0.5})");
  EXPECT_NEAR(bytes_of(shared), 8 * 0.75 * whole, 1e-6 * whole);
  EXPECT_EQ(bytes_of(whole_copies), 0);
  const double slowest_link = 0.75 * whole / 450e9;  // at the link's full rate
  EXPECT_GT(of(shared, Phase::weight_sync) - of(whole_copies, Phase::weight_sync), slowest_link);
  EXPECT_LT(of(shared, Phase::weight_sync) - of(whole_copies, Phase::weight_sync), 2 * slowest_link);
}

TEST(Reinforcement, EpochsRepeatTheUpdates) {
  const std::string halves =
      R"("plan": {"global_batch": 64, "sequence_length": 1024, "recompute": "none"}, "rollout": {})";
  const auto single = phases(constant + halves), twice = phases(constant + R"("epochs": 2, )" + halves);
  EXPECT_NEAR(of(twice, Phase::actor_update), 2 * of(single, Phase::actor_update), 1e-9);
  EXPECT_NEAR(of(twice, Phase::rollout), of(single, Phase::rollout), 1e-9);
}

TEST(Reinforcement, PpoTrainsACriticWithoutAVocabulary) {
  const auto numbers = phases(constant + plan +
                              R"(, "algorithm": "ppo", "critic": {"model": "LLAMA3.2-1B"}, "rollout": {},
                                 "reward_model": {"model": "LLAMA3.2-1B"})");
  EXPECT_GT(of(numbers, Phase::values), 0);
  EXPECT_LT(of(numbers, Phase::values), of(numbers, Phase::old_log_probs));
  EXPECT_NEAR(of(numbers, Phase::values), of(numbers, Phase::reward_model), 1e-9);
  EXPECT_LT(of(numbers, Phase::critic_update), of(numbers, Phase::actor_update));
}

TEST(Reinforcement, DpoIsReferenceAndUpdate) {
  const auto numbers = test::in_child([] {
    const auto result = run(R"({"reinforcement": {"model": "LLAMA3.2-1B", "algorithm": "dpo", "prompts": 64,
        "samples_per_prompt": 2, )" +
                            constant + plan + "}}")
                            .reinforcement.front();
    return std::vector{result.step.value(), time_of(result, Phase::reference_log_probs).value(),
                       time_of(result, Phase::actor_update).value(), static_cast<double>(result.phases.size())};
  });
  EXPECT_EQ(numbers[3], 2);
  EXPECT_NEAR(numbers[0], numbers[1] + numbers[2], 1e-9);
}

TEST(Reinforcement, FoldedIsAsUnfolded) {
  const auto step = [](bool fold) {
    return one([fold] {
      const std::string text = R"({"cluster": {"preset": "DGX-H100", "nodes": 2}, "jobs": [)" +
                               reinforcement(spread + plan + R"(, "weight_sync": "reshard", "rollout": {"gpus": 8,
                                 "plan": {"tensor_parallel": 4}})") +
                               "]}";
      Issues issues;
      const auto bound = scenario::bind(*scenario::load_text(text, "test.json", {}, issues), issues);
      return simulate(*bound, {.fold = fold}).reinforcement.front().step.value();
    });
  };
  EXPECT_NEAR(step(true), step(false), 1e-9 * step(true));
}

}  // namespace
}  // namespace plenum::datacenter
