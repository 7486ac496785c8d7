// `plenum run`, `compare` and `collective` from end to end, on a job that is done in milliseconds.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/program.hpp"

namespace plenum::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto scenario = R"({
  "name": "small",
  "cluster": "DGX-H100",
  "jobs": [{"name": "job", "training": {"model": "LLAMA3-8B", "gpus": 8, "plan": {"tensor_parallel": 2,
    "pipeline_parallel": 2, "global_batch": 8, "sequence_length": 4096}}}],
  "economy": {"rent": {"per_gpu": "$2.50 / h"}}
})";

class Run : public Program {
 protected:
  Run() { write_file(folder / "small.json", scenario); }
  nlohmann::json read_json(const std::string& name) const { return nlohmann::json::parse(read_file(folder / name)); }
};

TEST_F(Run, TellsASummaryOfAtMostAHundredColumns) {
  const auto outcome = run("run small.json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, IsEmpty());
  for (const auto* word : {"small", "step", "MFU", "matrix_product", "memory", "cost", "energy", "folded", "footing"})
    EXPECT_THAT(outcome.out, HasSubstr(word));
  std::istringstream lines(outcome.out);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 100u) << line;
  EXPECT_LE(count, 30u);
  EXPECT_EQ(outcome.out.find('\033'), std::string::npos);  // not a terminal
}

TEST_F(Run, WritesEverythingAsJson) {
  ASSERT_EQ(run("run small.json --json result.json").code, 0);
  const auto job = read_json("result.json").at("jobs").at(0);
  double sum = 0;
  for (const auto& part : job.at("breakdown_seconds")) sum += part.get<double>();
  const double step = job.at("step_time_seconds");
  EXPECT_NEAR(sum, step, 1e-9 * step);
  EXPECT_NEAR(job.at("tokens_per_second").get<double>(), 8 * 4096 / step, 1e-6 * 8 * 4096 / step);
  EXPECT_GT(job.at("mfu").get<double>(), 0);
  EXPECT_LT(job.at("mfu").get<double>(), 1);
  EXPECT_EQ(run("run small.json --json -").out, read_file(folder / "result.json"));
}

TEST_F(Run, IsDeterministic) { EXPECT_EQ(run("run small.json --json -").out, run("run small.json --json -").out); }

TEST_F(Run, FoldedEqualsUnfolded) {
  run("run small.json --json a.json");
  run("run small.json --json b.json --fold off");
  const double folded = read_json("a.json")["jobs"][0]["step_time_seconds"];
  const double unfolded = read_json("b.json")["jobs"][0]["step_time_seconds"];
  EXPECT_NEAR(folded, unfolded, 1e-9 * unfolded);
  EXPECT_EQ(run("compare a.json b.json --fail-above 0.0001%").code, 0);
}

TEST_F(Run, WritesATrace) {
  ASSERT_EQ(run("run small.json --trace trace.json").code, 0);
  EXPECT_GT(read_json("trace.json").at("traceEvents").size(), 10u);
}

TEST_F(Run, ShowsTheStepsOfReinforcementLearning) {
  const auto outcome = run("run llama3-8b-grpo-16-h100 --trace trace.json --picture step.svg --json a.json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("old_log_probs"));
  EXPECT_GT(read_json("trace.json").at("traceEvents").size(), 100u);
  EXPECT_THAT(read_file(folder / "step.svg"), HasSubstr("actor_update"));
  EXPECT_EQ(read_json("a.json")["jobs"][0]["samples"], 2048);
}

TEST_F(Run, InvalidInputWritesNothing) {
  const auto outcome = run("run small.json --set /cluster=DGX-H1O0 --json result.json --trace trace.json");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("did you mean \"DGX-H100\"?"));
  EXPECT_FALSE(std::filesystem::exists(folder / "result.json"));
  EXPECT_FALSE(std::filesystem::exists(folder / "trace.json"));
  EXPECT_EQ(run("run absent.json").code, 3);
}

TEST_F(Run, ResultsThatCannotBeWrittenFail) {
  const auto outcome = run("run small.json --json absent/result.json");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("absent/result.json"));
}

TEST_F(Run, ComparesWithAGate) {
  run("run small.json --json a.json");
  run("run small.json --set /jobs/0/training/plan/global_batch=16 --json b.json");
  EXPECT_EQ(run("compare a.json b.json").code, 0);
  const auto outcome = run("compare a.json b.json --fail-above 2%");
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.out, HasSubstr("step_time_seconds"));
  EXPECT_THAT(outcome.err, HasSubstr("gate not met"));
  EXPECT_EQ(run("compare a.json small.json").code, 3);
}

TEST_F(Run, CollectivePrintsWhatNcclTestsPrints) {
  const auto outcome = run("collective --cluster DGX-H100 --gpus 16 --size 1MiB..4MiB --json points.json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("busbw"));
  const auto points = read_json("points.json").at("points");
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[2]["size_bytes"], 4 << 20);
  const double time = points[2]["time_seconds"], bus = points[2]["bus_bandwidth_bytes_per_second"];
  EXPECT_NEAR(bus, (4 << 20) / time * 2 * 15 / 16, 1e-9 * bus);
}

TEST_F(Run, UnknownClustersAreInvalidInput) { EXPECT_EQ(run("collective --cluster absent.json --gpus 16").code, 3); }

TEST_F(Run, OverwritesNeitherItsInputNorItsOwnResults) {
  for (const auto* outputs : {"--json small.json", "--json a.json --trace ./a.json", "--json ''", "--trace -"}) {
    const auto outcome = run(std::string("run small.json ") + outputs);
    EXPECT_EQ(outcome.code, 2) << outputs;
    EXPECT_THAT(outcome.out, IsEmpty()) << outputs;
  }
  EXPECT_EQ(read_file(folder / "small.json"), scenario);
}

TEST_F(Run, EndsWith130WhenInterrupted) {
  const auto outcome =
      run("--version; timeout -s INT --preserve-status 1.5 '" PLENUM_EXECUTABLE
          "' run llama3-405b-16384-h100 --set /jobs/0/training/plan/global_batch=1024000 --json a.json");
  EXPECT_EQ(outcome.code, 130) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(folder / "a.json"));
}

TEST_F(Run, LeavesNothingWhereAFileCantGrow) {
  EXPECT_EQ(run("--version; ulimit -f 1; '" PLENUM_EXECUTABLE "' run small.json --json a.json").code, 1);
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    EXPECT_FALSE(entry.path().filename().string().starts_with("a.json")) << entry.path();
}

TEST_F(Run, TellsWhichAssignmentIsWrong) {
  const auto outcome = run("run small.json --set /jobs/0/training/foo=1");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("--set /jobs/0/training/foo=1: error: /jobs/0/training/foo: unknown field"));
}

}  // namespace
}  // namespace plenum::testing
