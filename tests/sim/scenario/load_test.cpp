#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/core/files.hpp"
#include "sim/core/temporary_folder.hpp"
#include "sim/scenario/resolve.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::scenario {
namespace {

struct Read {
  std::optional<Loaded> loaded;
  std::string messages;
};

Read read_named(const std::string& name, const std::vector<std::string>& assignments = {}) {
  Issues issues;
  Read result{load(name, assignments, issues), ""};
  for (const auto& issue : issues.all()) result.messages += to_string(issue) + "\n";
  return result;
}

std::string scenario_of(const std::string& cluster, const std::string& model) {
  return fmt::format(R"({{"cluster": {}, "jobs": [{{"training": {{"model": {}, "plan": {{"global_batch": 8}}}}}}]}})",
                     cluster, model);
}

Read read(const std::string& text, const std::vector<std::string>& assignments = {}) {
  const TemporaryFolder folder;
  write_whole(folder / "t.json", text);
  return read_named(folder / "t.json", assignments);
}

Scenario good(const std::string& text, const std::vector<std::string>& assignments = {}) {
  auto [loaded, messages] = read(text, assignments);
  EXPECT_EQ(messages, "");
  return loaded ? loaded->scenario : Scenario{};
}

TEST(Load, FindsCommittedScenarios) {
  for (const auto& name : scenario_names()) {
    const auto [loaded, messages] = read_named(name);
    EXPECT_EQ(messages, "") << name;
    ASSERT_TRUE(loaded) << name;
    EXPECT_EQ(loaded->digest.size(), 16u);
  }
}

TEST(Load, SaysWhichScenariosThereAre) {
  EXPECT_EQ(read_named("llama3-405b").messages,
            "error: unknown scenario \"llama3-405b\"; did you mean \"llama3-405b-16384-h100\"? "
            "(a file, or one of plenum list scenarios)\n");
  EXPECT_EQ(read_named("absent.json").messages, "absent.json: error: cannot be read: No such file or directory\n");
}

TEST(Load, TakesAClusterByName) {
  const auto scenario = good(scenario_of("\"Llama3-RoCE\"", "\"GPT3-13B\""));
  EXPECT_EQ(scenario.name, "t");
  EXPECT_EQ(scenario.cluster.nodes, 2048);
  EXPECT_EQ(scenario.cluster.fabric.spine_oversubscription, 7);
  EXPECT_EQ(scenario.jobs.at(0).training.value().model_name, "GPT3-13B");
}

TEST(Load, LaysMembersOverAPreset) {
  const auto scenario = good(
      scenario_of(R"({"preset": "Llama3-RoCE", "nodes": 4, "fabric": {"spine_oversubscription": 2}})", "\"GPT3-13B\""));
  EXPECT_EQ(scenario.cluster.nodes, 4);
  EXPECT_EQ(scenario.cluster.fabric.spine_oversubscription, 2);
  EXPECT_EQ(scenario.cluster.fabric.leaf_groups_per_pod, 192);
}

TEST(Load, TakesAClusterWrittenInPlace) {
  const auto scenario = good(scenario_of(R"({"nodes": 2, "node": {"gpus": 4, "nics": 4}})", "\"GPT3-13B\""));
  EXPECT_EQ(scenario.cluster.node.gpus, 4);
}

TEST(Load, LaysMembersOverAModel) {
  const auto scenario = good(scenario_of("\"DGX-H100\"", R"({"preset": "GPT3-13B", "layers": 12, "name": "small"})"));
  const auto& model = scenario.jobs.at(0).training.value().model.value();
  EXPECT_EQ(model.layers, 12);
  EXPECT_EQ(model.hidden, 5120);
  EXPECT_EQ(model.name, "small");
}

TEST(Load, ReadsHuggingFaceConfigsBesideTheScenario) {
  const TemporaryFolder folder;
  std::filesystem::copy(std::string(PLENUM_TEST_ROOT) + "/configs/llama-3.1-8b.json", folder / "config.json");
  write_whole(folder / "t.json", scenario_of("\"DGX-H100\"", R"({"config": "config.json", "context": 8192})"));
  const auto [loaded, messages] = read_named(folder / "t.json");
  EXPECT_EQ(messages, "");
  const auto& model = loaded.value().scenario.jobs.at(0).training.value().model.value();
  EXPECT_EQ(model.hidden, 4096);
  EXPECT_EQ(model.kv_heads, 8);
  EXPECT_EQ(model.context, 8192);
}

TEST(Load, ReadsHuggingFaceConfigsInPlace) {
  Issues issues;
  const auto config = read_whole(std::string(PLENUM_TEST_ROOT) + "/configs/llama-3.1-8b.json", issues).value();
  const auto scenario = good(scenario_of("\"DGX-H100\"", config));
  EXPECT_EQ(scenario.jobs.at(0).training.value().model.value().layers, 32);
}

TEST(Load, AssignmentsReachIntoNames) {
  const auto scenario = good(scenario_of("\"DGX-H100\"", "\"GPT3-13B\""),
                             {"/cluster/nodes=16", "/cluster/node/nic=200 Gb/s", "/jobs/0/training/model/layers=10",
                              "/jobs/0/training/plan/tensor_parallel=4"});
  EXPECT_EQ(scenario.cluster.nodes, 16);
  EXPECT_EQ(scenario.cluster.node.nic, BytesPerSecond(25e9));
  EXPECT_EQ(scenario.jobs.at(0).training.value().model.value().layers, 10);
  EXPECT_EQ(scenario.jobs.at(0).training.value().plan.tensor_parallel, 4);
}

TEST(Load, AssignmentsReplaceNames) {
  const auto scenario = good(scenario_of("\"DGX-H100\"", "\"GPT3-13B\""), {"/cluster=Llama3-RoCE", "/cluster/nodes=8"});
  EXPECT_EQ(scenario.cluster.nodes, 8);
  EXPECT_EQ(scenario.cluster.fabric.spine_oversubscription, 7);
}

TEST(Load, ComplaintsAboutAssignmentsNameThem) {
  EXPECT_EQ(read(scenario_of("\"DGX-H100\"", "\"GPT3-13B\""), {"/cluster/nodes=0", "/jobs/7/name=x"}).messages,
            "--set /cluster/nodes=0: error: /cluster/nodes: 0 is out of range; it must be between 1 and 1048576\n"
            "--set /jobs/7/name=x: error: /jobs is a list of 1; it has no element \"7\"\n");
}

std::string digest(const std::string& text, const std::vector<std::string>& assignments = {}) {
  const auto [loaded, messages] = read(text, assignments);
  EXPECT_EQ(messages, "");
  return loaded ? loaded->digest : "";
}

TEST(Digest, DependsOnTheContentAlone) {
  const std::string text = scenario_of(R"({"preset": "DGX-H100", "nodes": 4})", "\"GPT3-13B\"");
  const std::string same = scenario_of(R"({ "nodes" : 4e0,
      "preset": "DGX-H100", "node": {"nic": "50 GB/s"} })",
                                       "\"GPT3-13B\"");
  EXPECT_EQ(digest(text), digest(same));
  EXPECT_EQ(digest(text), digest(text, {"/cluster/nodes=4"}));
  EXPECT_NE(digest(text), digest(text, {"/cluster/nodes=5"}));
  EXPECT_NE(digest(text), digest(text, {"/jobs/0/training/model/layers=41"}));
  EXPECT_NE(digest(text), digest(text, {"/economy/rent/per_gpu=$2 / h"}));
}

TEST(LaidOver, MergesObjectsAndReplacesTheRest) {
  const auto parsed = [](const char* text) {
    Issues issues;
    return json::parse(text, "t", issues).value();
  };
  const auto merged =
      laid_over(parsed(R"({"a": {"x": 1, "y": [1, 2]}, "b": 2})"), parsed(R"({"a": {"y": [3]}, "c": 4})"));
  EXPECT_EQ(json::canonical(merged), R"({"a":{"x":1,"y":[3]},"b":2,"c":4})");
}

}  // namespace
}  // namespace plenum::scenario
