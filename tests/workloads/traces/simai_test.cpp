// SimAI's workload text: the order in which its rows run, its groups, and what is wrong with bad texts.
#include "workloads/traces/simai.hpp"

#include <gmock/gmock.h>

namespace plenum::workload {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string header =
    "HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: 2 ep: 2 pp: 1 vpp: 2 ga: 1 all_gpus: 8 checkpoints: 0 "
    "checkpoint_initiates: 0 pp_comm 0\n";
const std::string rows =
    "2\nattention\t-1\t1000\tALLREDUCE\t64\t2000\tNONE\t0\t3000\tREDUCESCATTER\t128\t100\n"
    "experts\t-1\t10\tALLTOALL_EP\t32\t20\tALLTOALL_EP\t32\t30\tALLREDUCE_DP_EP\t16\t100\n";

std::optional<Trace> read(const std::string& text, Issues& issues, std::int64_t ranks = 0) {
  return read_simai(text, "w.txt", ranks, issues);
}
std::vector<std::string> problems(const std::string& text) {
  Issues issues;
  EXPECT_FALSE(read(text, issues));
  std::vector<std::string> texts;
  for (const auto& issue : issues.all()) texts.push_back(to_string(issue));
  return texts;
}

TEST(SimAi, RunsRowsForwardThenBackward) {
  Issues issues;
  const auto trace = read(header + rows, issues);
  ASSERT_TRUE(trace);
  const auto& program = trace->program(0);
  std::vector<std::string> order;
  for (const auto& task : program.tasks)
    order.push_back(task.name.substr(0, 1) + (task.communicator.empty() ? "" : "-" + task.communicator));
  EXPECT_THAT(order, ElementsAre("a", "a-tp", "e", "e-ep", "e", "e-ep", "e", "e-dp_ep", "a", "a", "a-dp"));
  EXPECT_DOUBLE_EQ(program.tasks[0].duration.value(), 1e-6);
  EXPECT_THAT(program.tasks[8].waits_for, ElementsAre(5, 6));  // the exchange and the weight gradient behind it
  EXPECT_THAT(program.tasks[7].waits_for, ElementsAre(6));
  EXPECT_TRUE(program.followers[7].empty());  // reduced gradients are waited for at the end only
}

TEST(SimAi, HasGroupsInTheOrderTensorDataPipeline) {
  Issues issues;
  const auto trace = read(header + rows, issues);
  EXPECT_THAT(members(*trace, 5, "tp"), ElementsAre(4, 5));
  EXPECT_THAT(members(*trace, 5, "dp"), ElementsAre(1, 3, 5, 7));
  EXPECT_THAT(members(*trace, 5, "ep"), ElementsAre(5, 7));
  EXPECT_THAT(members(*trace, 5, "dp_ep"), ElementsAre(1, 5));
  const auto larger = read(header + rows, issues, 16);
  EXPECT_EQ(members(*larger, 0, "dp").size(), 8u);
}

TEST(SimAi, TellsEveryProblemWithItsPlace) {
  EXPECT_THAT(problems(header + "3\nlayer -1 x ALLREDUCE 1 1 BROADCAST 0 1 NONE 0 1\nlayer -1 1\n"),
              ElementsAre(HasSubstr("w.txt:2:1: error: 3 rows are announced, 2 follow"),
                          HasSubstr("w.txt:3:10: error: \"x\" is no whole number"),
                          HasSubstr("w.txt:3:26: error: \"BROADCAST\" is no collective"),
                          HasSubstr("w.txt:4:1: error: 3 columns")));
  EXPECT_THAT(problems("MICRO\n1\n"), ElementsAre(HasSubstr("does not start with HYBRID")));
  EXPECT_THAT(problems(header), ElementsAre(HasSubstr("has no rows")));
}

TEST(SimAi, TellsGroupsThatDontDivide) {
  auto text = header + rows;
  text.replace(text.find("all_gpus: 8"), 11, "all_gpus: 9");
  EXPECT_THAT(problems(text), ElementsAre(HasSubstr("2 x 1 doesn't divide 9 GPUs")));
}

}  // namespace
}  // namespace plenum::workload
