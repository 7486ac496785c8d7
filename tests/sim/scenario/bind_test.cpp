#include <gtest/gtest.h>

#include "sim/scenario/connectivity.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::scenario {
namespace {

TrainingJob small_job() {
  TrainingJob job;
  job.model_name = "GPT3-13B";
  job.plan.tensor_parallel = 8;
  job.plan.global_batch = 64;
  return job;
}

Loaded small_cluster(std::int64_t nodes) {
  Loaded loaded;
  loaded.scenario.cluster.nodes = nodes;
  loaded.scenario.jobs.push_back({"", small_job()});
  return loaded;
}

std::unique_ptr<Bound> good(const Loaded& loaded) {
  Issues issues;
  auto bound = bind(loaded, issues);
  for (const auto& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  return bound;
}

TEST(Bind, CompletesPlans) {
  const auto bound = good(small_cluster(4));
  ASSERT_TRUE(bound);
  ASSERT_EQ(bound->training.size(), 1u);
  const auto& job = bound->training[0];
  EXPECT_EQ(job.name, "training");
  EXPECT_EQ(job.first_gpu, 0);
  EXPECT_EQ(job.plan.data_parallel, 4);
  EXPECT_EQ(job.plan.sequence_length, job.model.context);
  EXPECT_EQ(job.plan.recompute, workload::Recompute::none);
  EXPECT_EQ(job.model.kv_heads, job.model.heads);
  EXPECT_EQ(bound->cluster.gpus.size(), 32u);
  EXPECT_GT(bound->network->channel_count(), 0u);
  EXPECT_TRUE(bound->gpu_speed.empty());
}

TEST(Bind, RecomputesAsMuchAsTheMemoryNeeds) {
  Loaded loaded = small_cluster(4);
  auto& plan = loaded.scenario.jobs[0].training->plan;
  plan.micro_batch = 64;  // 64 x 2048 tokens x 34 bytes x 5120 wide x 40 layers / 8 ranks: 114 GB (Korthikanti 2022)
  plan.global_batch = 256;
  EXPECT_EQ(good(loaded)->training[0].plan.recompute, workload::Recompute::full);
}

const std::string two_in_a_node = R"({"cluster": {"preset": "DGX-H100", "nodes": 1}, "jobs": [
  {"name": "app", "application": {"requests": {"per_second": 1, "count": 9}, "stages": [
    {"name": "ask", "served_by": "chat"}, {"name": "embed", "served_by": "embed", "beside": true},
    {"name": "tool", "service": {"time": "1 s"}, "back_to": "ask", "rounds": {"tokens": 4}},
    {"name": "end", "service": {"time": "1 s"}}]}},
  {"name": "chat", "serving": {"model": "LLAMA3-8B", "gpus": 3, "engine_settings": {"watermark": 0.25}}},
  {"name": "embed", "serving": {"model": "BGE-M3", "first_gpu": 3}}]})";

TEST(Bind, JoinsApplicationsToJobsThatShareANode) {
  Issues issues;
  const auto loaded = load_text(two_in_a_node, "test.json", {}, issues);
  const auto bound = loaded ? bind(*loaded, issues) : nullptr;
  ASSERT_TRUE(bound) << to_string(issues.all().front());
  ASSERT_EQ(bound->serving.size(), 2u);
  EXPECT_EQ(bound->serving[0].pool.replicas, 3);
  EXPECT_EQ(bound->serving[1].pool.first_gpu, 3);
  EXPECT_EQ(bound->serving[1].pool.replicas, 5);
  EXPECT_TRUE(bound->serving[1].pools);
  const auto& application = bound->applications.at(0);
  EXPECT_EQ(application.serving, (std::vector<std::size_t>{0, 1, 0, 0}));
  EXPECT_EQ(application.steps, (std::vector<std::size_t>{0, 2, 3, 4}));
  ASSERT_EQ(application.loops.size(), 1u);
  EXPECT_EQ(application.loops[0].first, 0u);
  EXPECT_EQ(application.loops[0].last, 1u);
  EXPECT_EQ(application.last_writer(), 0u);
}

TEST(Bind, ChangesWhatIsWrittenOfAnEngine) {
  Issues issues;
  const auto loaded = load_text(two_in_a_node, "test.json", {"/jobs/1/serving/engine=sglang"}, issues);
  const auto bound = loaded ? bind(*loaded, issues) : nullptr;
  ASSERT_TRUE(bound) << to_string(issues.all().front());
  const auto known = workload::find_engine("sglang", issues);
  EXPECT_EQ(bound->serving[0].engine.watermark, 0.25);
  EXPECT_EQ(bound->serving[0].engine.policy, known->policy);
  EXPECT_EQ(bound->serving[0].engine.step_host, known->step_host);  // fitted, no field
}

TEST(Bind, ServesTheLanguageModelOfOneThatSees) {
  const std::string text = R"({"cluster": {"preset": "DGX-H100", "nodes": 1}, "jobs": [{"serving": {
    "model": {"preset": "LLAMA3-8B", "vision": {"layers": 4, "hidden": 1024, "heads": 16, "projector": [4096]}},
    "plan": {"tensor_parallel": 1}, "requests": {"prompt": {"tokens": 512}, "output": {"tokens": 64},
    "concurrency": 4, "count": 16}}}]})";
  Issues issues;
  const auto loaded = load_text(text, "test.json", {}, issues);
  const auto bound = loaded ? bind(*loaded, issues) : nullptr;
  ASSERT_TRUE(bound && bound->serving.size() == 1) << to_string(issues.all().front());
  EXPECT_FALSE(bound->serving[0].model.vision);
  ASSERT_EQ(issues.all().size(), 1u);
  EXPECT_EQ(issues.all()[0].severity, Severity::warning);
  EXPECT_NE(issues.all()[0].message.find("requests are texts"), std::string::npos);
}

TEST(Bind, TellsOfLengthsThatAreCut) {
  const std::string text = R"({"cluster": {"preset": "DGX-H100", "nodes": 1}, "jobs": [{"serving": {
    "model": "LLAMA3-8B", "requests": {"concurrency": 4, "count": 16,
      "prompt": {"kind": "log-normal", "tokens": 1000, "coefficient_of_variation": 1, "maximum": 8192},
      "output": {"kind": "log-normal", "tokens": 1000, "coefficient_of_variation": 1, "maximum": 1000}}}}]})";
  Issues issues;
  const auto loaded = load_text(text, "test.json", {}, issues);
  ASSERT_TRUE(loaded && bind(*loaded, issues)) << to_string(issues.all().front());
  ASSERT_EQ(issues.all().size(), 1u);
  EXPECT_EQ(issues.all()[0].severity, Severity::warning);
  EXPECT_EQ(issues.all()[0].pointer, "/jobs/0/serving/requests/output");
}

/// What is written and can't happen is warned of where it stands; what rests at its default is not.
TEST(Bind, WarnsOfFieldsWithoutEffect) {
  const std::string text = R"({"cluster": {"preset": "DGX-H100", "nodes": 1}, "jobs": [{"training": {
    "model": "LLAMA3-8B", "plan": {"global_batch": 8, "recompute": "none",
    "recompute_early_stop": true, "shards_in_place": true}}}]})";
  Issues issues;
  const auto loaded = load_text(text, "test.json", {}, issues);
  ASSERT_TRUE(loaded && bind(*loaded, issues));
  ASSERT_EQ(issues.all().size(), 2u);
  EXPECT_EQ(issues.all()[0].severity, Severity::warning);
  EXPECT_EQ(issues.all()[0].pointer, "/jobs/0/training/plan/recompute_early_stop");
  EXPECT_EQ(issues.all()[0].where.line, 3);
  EXPECT_EQ(issues.all()[1].pointer, "/jobs/0/training/plan/shards_in_place");
}

TEST(Bind, PlacesJobsSideBySide) {
  Loaded loaded = small_cluster(4);
  loaded.scenario.jobs.push_back({"second", small_job()});
  loaded.scenario.jobs[0].training->gpus = 16;
  loaded.scenario.jobs[1].training->first_node = 2;
  const auto bound = good(loaded);
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->training[0].name, "job 0");
  EXPECT_EQ(bound->training[0].plan.ranks(), 16);
  EXPECT_EQ(bound->training[1].name, "second");
  EXPECT_EQ(bound->training[1].first_gpu, 16);
  EXPECT_EQ(bound->training[1].plan.ranks(), 16);
}

TEST(Bind, SlowsGpus) {
  Loaded loaded = small_cluster(2);
  loaded.scenario.slow_gpus = {{3, 0.5}};
  const auto bound = good(loaded);
  ASSERT_EQ(bound->gpu_speed.size(), 16u);
  EXPECT_EQ(bound->gpu_speed[3], 0.5);
  EXPECT_EQ(bound->gpu_speed[4], 1);
}

TEST(Bind, BindsTheLlama3Scenario) {
  Issues issues;
  const auto loaded = load("llama3-405b-16384-h100", {}, issues);
  ASSERT_TRUE(loaded);
  const auto bound = good(*loaded);
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->training[0].plan.ranks(), 16384);
  EXPECT_EQ(bound->training[0].plan.micro_batches(), 16);
  EXPECT_EQ(bound->training[0].tokens, 15'600'000'000'000);
  EXPECT_EQ(bound->cluster.pods, 6);  // 16,384 GPUs in pods of 3,072
  EXPECT_EQ(bound->digest, loaded->digest);
}

topology::Cluster three_gpus(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& links) {
  topology::Cluster cluster;
  cluster.graph = topology::Graph(boost::edges_are_unsorted_multi_pass, links.begin(), links.end(), 3);
  cluster.gpus = {0, 1, 2};
  return cluster;
}

TEST(UnreachableGpu, NeedsAWayThereAndBack) {
  EXPECT_EQ(unreachable_gpu(three_gpus({}), 0, 1), std::nullopt);
  EXPECT_EQ(unreachable_gpu(three_gpus({}), 0, 3), 1);
  EXPECT_EQ(unreachable_gpu(three_gpus({{0, 1}}), 0, 2), 1);
  EXPECT_EQ(unreachable_gpu(three_gpus({{0, 1}, {1, 0}}), 0, 2), std::nullopt);
  EXPECT_EQ(unreachable_gpu(three_gpus({{0, 1}, {1, 0}}), 0, 3), 2);
  EXPECT_EQ(unreachable_gpu(three_gpus({{0, 1}, {1, 0}}), 1, 2), 2);
}

}  // namespace
}  // namespace plenum::scenario
