#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/program.hpp"

namespace plenum::testing {
namespace {

using ::testing::HasSubstr;

class Topology : public Program {};

// 2,048 switches in 16 x 16 x 8, four cables to each of six neighbours.
TEST_F(Topology, CountsATorusAndDrawsIt) {
  const auto outcome = run("topology Torus-16384 --json t.json --svg t.svg --dot t.dot");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(read_file(folder / "t.json"));
  EXPECT_EQ(json["switches"], 2048);
  EXPECT_EQ(json["switch_cables"], 2048 * 3 * 4);
  EXPECT_EQ(json["diameter_switches"], 1 + 8 + 8 + 4);
  EXPECT_THAT(read_file(folder / "t.svg"), HasSubstr("16384 GPUs"));
}

TEST_F(Topology, RefusesWhatCantBeWired) {
  EXPECT_EQ(run("topology DGX-H100 --gpus 131072").code, 3);
  EXPECT_EQ(run("topology DGX-H10O").code, 3);
}

TEST_F(Topology, WritesAllFilesOrNone) {
  write_file(folder / "old.svg", "old");
  EXPECT_EQ(run("topology DGX-H100 --gpus 16 --svg old.svg --dot missing/a.dot").code, 1);
  EXPECT_EQ(read_file(folder / "old.svg"), "old");
}

TEST_F(Topology, WritesAPlatformForSimgrid) {
  ASSERT_EQ(run("topology DGX-H100 --gpus 16 --simgrid p.xml").code, 0);
  const auto text = read_file(folder / "p.xml");
  EXPECT_THAT(text, HasSubstr("<host id=\"gpu 15\""));
  EXPECT_THAT(text, HasSubstr("<route src=\"gpu 0\" dst=\"gpu 15\" symmetrical=\"NO\">"));
  const auto large = run("topology DGX-H100 --gpus 512 --simgrid p.xml");
  EXPECT_EQ(large.code, 3);
  EXPECT_THAT(large.err, HasSubstr("at most 256 GPUs"));
}

TEST_F(Topology, CollectivesRefuseBadGroupsAndAlgorithms) {
  EXPECT_THAT(run("collective --cluster DGX-H100 --gpus 8 --group 0,1,1").err, HasSubstr("twice"));
  EXPECT_THAT(run("collective --cluster DGX-A100 --gpus 8 --algorithm nvls").err, HasSubstr("NVLink SHARP"));
  EXPECT_EQ(run("collective --cluster DGX-A100 --gpus 8 --algorithm nvls").code, 3);
  EXPECT_THAT(run("collective --cluster Torus-16384 --gpus 16 --algorithm collnet").err, HasSubstr("SHARP"));
  EXPECT_THAT(run("collective --cluster Llama3-RoCE --gpus 16 --algorithm collnet").err, HasSubstr("SHARP"));
  EXPECT_EQ(run("collective --cluster DGX-H100 --gpus 16 --algorithm collnet --size 1MiB").code, 0);
}

TEST_F(Topology, BarriersAndExpertExchangesHaveOptionsOfTheirOwn) {
  EXPECT_EQ(run("collective --cluster DGX-H100 --gpus 16 --op barrier").code, 0);
  EXPECT_THAT(run("collective --cluster DGX-H100 --gpus 16 --op barrier --size 1MiB").err, HasSubstr("no buffer"));
  const auto exchange = run("collective --cluster DGX-H100 --gpus 16 --op expert_exchange --tokens 64..128 --json -");
  ASSERT_EQ(exchange.code, 0) << exchange.err;
  const auto points = nlohmann::json::parse(exchange.out)["points"];
  ASSERT_EQ(points.size(), 2u);
  EXPECT_GT(points[1]["combine_seconds"], points[1]["dispatch_seconds"]);  // 16 bits back, 8 there
  const std::string head = "collective --cluster DGX-H100 --op expert_exchange --gpus ";
  EXPECT_EQ(run(head + "12").code, 3);
  EXPECT_EQ(run(head + "16 --tokens 0").code, 2);
  EXPECT_EQ(run(head + "16 --size 1MiB").code, 2);
  EXPECT_EQ(run("collective --cluster DGX-H100 --gpus 16 --tokens 64").code, 2);
}

}  // namespace
}  // namespace plenum::testing
