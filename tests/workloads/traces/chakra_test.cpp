// Chakra traces by their published bytes, and what is wrong with bad ones.
#include "workloads/traces/chakra.hpp"

#include <gmock/gmock.h>

#include "sim/core/temporary_folder.hpp"
#include "workloads/traces/chakra_file.hpp"
#include "workloads/traces/chakra_writer.hpp"
#include "workloads/traces/replicate.hpp"

namespace plenum::workload {
namespace {

using namespace test::chakra;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> told(const Issues& issues) {
  std::vector<std::string> texts;
  for (const auto& issue : issues.all()) texts.push_back(to_string(issue));
  return texts;
}

std::vector<std::string> problems(const std::string& bytes) {
  Issues issues;
  EXPECT_EQ(read_chakra(bytes, "t.0.et", issues), nullptr);
  return told(issues);
}

TEST(ChakraFile, ReadsComputationAndCollectives) {
  Issues issues;
  const auto program = read_chakra(
      file_of(
          {computation(7, {}, 1500), all_reduce(9, {7}, 1 << 20, "4"),
           node(8, compute, {7}, attribute("num_ops", 1000) + attribute("tensor_size", 64) + flag("is_cpu_op", true))}),
      "t.0.et", issues);
  ASSERT_TRUE(program) << told(issues).front();
  ASSERT_EQ(program->tasks.size(), 3u);
  EXPECT_DOUBLE_EQ(program->tasks[0].duration.value(), 1.5e-3);
  EXPECT_EQ(program->tasks[1].kind, TaskKind::host);
  EXPECT_EQ(program->tasks[1].operations, 1000);
  EXPECT_EQ(program->tasks[2].communicator, "4");
  EXPECT_EQ(program->tasks[2].bytes, Bytes(1 << 20));
  EXPECT_THAT(program->waits, ElementsAre(0, 1, 1));
  EXPECT_THAT(program->followers[0], ElementsAre(1, 2));
}

TEST(ChakraFile, NamesTheByteWhereItIsCutOff) {
  const auto whole = file_of({computation(1, {}, 10), computation(2, {1}, 10)});
  EXPECT_THAT(problems(whole.substr(0, whole.size() - 3)), ElementsAre(HasSubstr("node number 2 has")));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Issues issues;
    const auto read = read_chakra(whole.substr(0, size), "t", issues);
    EXPECT_EQ(read == nullptr, issues.has_errors());  // a cut between messages leaves a shorter trace
  }
}

TEST(ChakraFile, TellsWhatIsNoTrace) {
  EXPECT_THAT(problems("{\"nodes\": []}"), ElementsAre(HasSubstr("no Chakra trace")));
  EXPECT_THAT(problems(""), ElementsAre(HasSubstr("metadata is cut off")));
  EXPECT_THAT(problems(file_of({})), ElementsAre(HasSubstr("holds no nodes")));
}

TEST(ChakraFile, TellsAllThatIsWrongWithNodes) {
  EXPECT_THAT(problems(file_of({node(1, collective, {}, attribute("comm_type", 12)),
                                node(2, send, {}, attribute("comm_size", -4)), node(3, static_cast<Type>(9), {}, "")})),
              ElementsAre(HasSubstr("node 1 (number 1): \"node 1\" its comm_type is 12; a number from 0 to 9"),
                          HasSubstr("has no comm_size"), HasSubstr("its comm_size is -4"), HasSubstr("has no comm_dst"),
                          HasSubstr("is of type 9")));
}

TEST(ChakraFile, NamesTheNodesOfACycle) {
  EXPECT_THAT(problems(file_of(
                  {computation(1, {}, 1), computation(2, {4}, 1), computation(3, {2}, 1), computation(4, {3}, 1)})),
              ElementsAre(HasSubstr(
                  "a cycle of 3 nodes: 2 \"node 2\" waits for 4 \"node 4\" waits for 3 \"node 3\" waits for 2")));
  EXPECT_THAT(problems(file_of({computation(1, {1}, 1)})), ElementsAre(HasSubstr("a cycle of 1 node")));
}

TEST(ChakraFile, TellsWrongIds) {
  EXPECT_THAT(problems(file_of({computation(1, {5}, 1), computation(1, {}, 1)})),
              ElementsAre(HasSubstr("another node has the id 1"), HasSubstr("waits for node 5, which does not exist")));
}

TEST(ChakraFile, WarnsOfKernelsWithoutEdges) {
  Issues issues;
  EXPECT_TRUE(read_chakra(file_of({computation(1, {}, 1), computation(2, {}, 1), computation(3, {}, 1)}), "t", issues));
  EXPECT_THAT(told(issues), ElementsAre(HasSubstr("3 of 3 GPU and communication nodes wait for nothing")));
}

TEST(ChakraFile, HasTheSameSignatureUnderOtherNames) {
  Issues issues;
  const auto a = read_chakra(file_of({computation(1, {}, 5), all_reduce(2, {1}, 8, "x")}), "a", issues);
  const auto b = read_chakra(file_of({computation(10, {}, 5), all_reduce(20, {10}, 8, "y")}), "b", issues);
  const auto c = read_chakra(file_of({computation(1, {}, 5), all_reduce(2, {1}, 9, "x")}), "c", issues);
  EXPECT_EQ(a->signature, b->signature);
  EXPECT_NE(a->signature, c->signature);
}

class ChakraFolder : public testing::Test {
 protected:
  std::optional<Trace> open(const std::vector<std::vector<std::string>>& ranks, const std::string& groups = "",
                            std::int64_t run_on = 0) {
    write_trace(folder_.path / "t", ranks);
    if (!groups.empty()) std::ofstream(folder_.path / "groups.json") << groups;
    auto trace = open_chakra(folder_.path / "t", groups.empty() ? "" : folder_.path / "groups.json", issues_);
    if (trace) replicate(*trace, run_on, issues_);
    return trace;
  }
  TemporaryFolder folder_;
  Issues issues_;
};

TEST_F(ChakraFolder, TellsMissingRanks) {
  write_trace(folder_.path / "t", {{computation(1, {}, 1)}, {computation(1, {}, 1)}, {computation(1, {}, 1)}});
  std::filesystem::remove(folder_.path / "t.1.et");
  EXPECT_FALSE(open_chakra(folder_.path / "t", "", issues_));
  EXPECT_THAT(told(issues_), ElementsAre(HasSubstr("rank 1 is missing; the trace has files up to rank 2")));
  EXPECT_FALSE(open_chakra(folder_.path / "u", "", issues_));
  EXPECT_THAT(told(issues_).back(), HasSubstr("there is no u.0.et"));
}

TEST_F(ChakraFolder, SharesEqualPrograms) {
  const auto trace = open({{all_reduce(1, {}, 8)}, {all_reduce(1, {}, 8)}});
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->recorded[0], trace->recorded[1]);
  EXPECT_FALSE(issues_.has_errors());
}

TEST_F(ChakraFolder, TellsRanksThatDisagree) {
  open({{all_reduce(1, {}, 8), all_reduce(2, {1}, 8), message(3, send, {2}, 1, 8)}, {all_reduce(1, {}, 16)}});
  EXPECT_THAT(told(issues_),
              ElementsAre(HasSubstr("its collective 1 on communicator of all ranks is all_reduce of 16 bytes"),
                          HasSubstr("sends 1 message with tag 0 to rank 1, which receives 0")));
}

TEST_F(ChakraFolder, TellsUnknownCommunicators) {
  open({{all_reduce(1, {}, 8, "a"), all_reduce(2, {}, 8, "b")}, {all_reduce(1, {}, 8, "c")}},
       R"({"a": [1, 2], "c": [0, 1]})");
  EXPECT_THAT(told(issues_), ElementsAre(HasSubstr("uses communicator \"a\", but is not in it"),
                                         HasSubstr("nobody says who is in communicator \"b\"")));
}

TEST_F(ChakraFolder, TellsBadCommunicatorFiles) {
  open({{computation(1, {}, 1)}}, "{\"a\": [0, -1],\n \"b\": 3}");
  ASSERT_EQ(issues_.all().size(), 2u);
  EXPECT_EQ(issues_.all()[0].pointer, "/a/1");
  EXPECT_EQ(issues_.all()[1].where.line, 2);
}

/// Tensor groups of two neighbours, data-parallel groups across: 8 ranks from 4.
TEST_F(ChakraFolder, GrowsSpanningGroupsAndCopiesOthers) {
  std::vector<std::vector<std::string>> ranks;
  for (int rank = 0; rank < 4; ++rank)
    ranks.push_back(
        {all_reduce(1, {}, 8, rank < 2 ? "t0" : "t1"), all_reduce(2, {1}, 64, rank % 2 == 0 ? "d0" : "d1")});
  const auto trace = open(ranks, R"({"t0": [0,1], "t1": [2,3], "d0": [0,2], "d1": [1,3]})", 8);
  ASSERT_FALSE(issues_.has_errors()) << told(issues_).front();
  EXPECT_THAT(members(*trace, 5, "t0"), ElementsAre(4, 5));
  EXPECT_THAT(members(*trace, 5, "d1"), ElementsAre(1, 3, 5, 7));
}

TEST_F(ChakraFolder, RefusesOddCountsOfUnequalRanks) {
  open({{computation(1, {}, 1)}, {computation(1, {}, 2)}}, "", 3);
  EXPECT_THAT(told(issues_), ElementsAre(HasSubstr("rank 1 does otherwise than rank 0")));
}

TEST_F(ChakraFolder, RunsEqualRanksOnAnyCount) {
  const auto trace = open({{all_reduce(1, {}, 8)}, {all_reduce(1, {}, 8)}}, "", 3);
  ASSERT_FALSE(issues_.has_errors());
  EXPECT_THAT(members(*trace, 2, ""), ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace plenum::workload
