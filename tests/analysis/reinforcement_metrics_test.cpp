#include "analysis/reinforcement_metrics.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "analysis/report/reinforcement_report.hpp"
#include "analysis/report/report.hpp"

namespace plenum::analysis {
namespace {

using datacenter::Phase;

/// Four GPUs train, four generate.
std::unique_ptr<scenario::Bound> bound_job() {
  const std::string text = R"({"cluster": {"preset": "DGX-H100", "nodes": 1}, "jobs": [{"reinforcement": {
    "model": "LLAMA3.2-1B", "plan": {"global_batch": 4, "sequence_length": 1024}, "prompts": 4, "samples_per_prompt": 2,
    "prompt": {"tokens": 100}, "response": {"tokens": 400}, "rollout": {"gpus": 4}}}]})";
  Issues issues;
  const auto loaded = scenario::load_text(text, "test.json", {}, issues);
  auto bound = loaded ? scenario::bind(*loaded, issues) : nullptr;
  if (!bound) throw std::runtime_error(to_string(issues.all().front()));
  return bound;
}

datacenter::ReinforcementResult made(const scenario::BoundReinforcement& job) {
  datacenter::ReinforcementResult result;
  result.job = "rl";
  result.step = Seconds(19);
  const auto span = [&](Phase phase, double start, double end) {
    result.phases.push_back({phase, Seconds(start), Seconds(end)});
  };
  span(Phase::rollout, 0, 10);
  span(Phase::old_log_probs, 10, 12);
  span(Phase::actor_update, 12, 15);
  span(Phase::actor_update, 15, 18);
  span(Phase::weight_sync, 18, 19);
  result.samples = workload::draw_samples(job.samples, job.plan.sequence_length, 0);
  result.updates.assign(2, workload::packed(job.plan, std::span(result.samples).first(4)));
  auto& rollout = result.rollout.emplace();
  rollout.pool.busy_seconds = 30;  // of 4 replicas x 10 s
  for (int i = 1; i <= 10; ++i) rollout.requests.push_back({{}, {}, Seconds(i), 100, 400});
  rollout.timeline = {{Seconds(0), 4, 0, 8, 0}, {Seconds(10), 4, 0, 0, 0}};
  return result;
}

TEST(ReinforcementMetrics, CountWhatGpusDo) {
  const auto bound = bound_job();
  const auto& job = bound->reinforcement.front();
  const auto m = measure(*bound, job, made(job));
  EXPECT_EQ(m.gpus, 8);
  EXPECT_EQ(m.training_gpus, 4);
  EXPECT_DOUBLE_EQ(m.time_of(Phase::actor_update).value(), 6);
  EXPECT_NEAR(m.idle, 1 - (30 + 8 * 4 + 1 * 8) / (19.0 * 8), 1e-12);
  EXPECT_NEAR(m.rollout_idle, 0.25, 1e-12);
  EXPECT_NEAR(m.tail, 0.1, 1e-12);
  EXPECT_NEAR(m.tokens_per_second_per_gpu, 8 * 500 / 19.0 / 8, 1e-12);
  EXPECT_NEAR(m.generated_tokens_per_second_per_gpu, 4000 / 10.0 / 4, 1e-12);
  EXPECT_TRUE(m.memory.ways_to_fit.empty());
}

TEST(ReinforcementReport, TellsEveryPhaseToEverybody) {
  const auto bound = bound_job();
  const auto& job = bound->reinforcement.front();
  const auto result = made(job);
  const auto m = measure(*bound, job, result);
  const auto json = reinforcement_json(*bound, job, m);
  EXPECT_EQ(json["breakdown_seconds"].size(), 4u);
  EXPECT_EQ(json["breakdown_seconds"]["actor_update"], 6);
  EXPECT_EQ(json["exposed_weight_sync_seconds"], 1);
  datacenter::Result whole;
  whole.reinforcement.push_back(result);
  const auto trace = chrome_trace(*bound, whole), picture = reinforcement_picture(*bound, job, result, m);
  for (const char* phase : {"rollout", "old_log_probs", "actor_update", "weight_sync"}) {
    EXPECT_NE(reinforcement_summary(*bound, job, m).find(phase), std::string::npos);
    EXPECT_NE(trace.find(phase), std::string::npos);
    EXPECT_NE(picture.find(phase), std::string::npos);
  }
}

TEST(ReinforcementMetrics, SayWhatWouldMakeTrainingFit) {
  const auto bound = bound_job();
  const auto& job = bound->reinforcement.front();
  bound->device.specification.memory = Bytes(std::int64_t{8} << 30);
  const auto m = measure(*bound, job, made(job));
  EXPECT_FALSE(m.memory.ways_to_fit.empty());
  EXPECT_GT(m.memory.training, m.memory.capacity);
}

}  // namespace
}  // namespace plenum::analysis
