// Exit codes and manners of the command line.
#include <gmock/gmock.h>

#include "cli/program.hpp"

namespace plenum::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Usage : public Program {};

TEST_F(Usage, WithoutACommandHelpGoesToStderr) {
  const auto outcome = run("");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("Usage: plenum COMMAND"));
}

TEST_F(Usage, EveryCommandHasHelpWithExamples) {
  for (const auto* command : {"run", "compare", "collective", "validate", "list", "explain", "schema"}) {
    const auto outcome = run(std::string(command) + " --help");
    EXPECT_EQ(outcome.code, 0) << command;
    EXPECT_THAT(outcome.out, HasSubstr("Examples:\n  plenum " + std::string(command)));
    EXPECT_THAT(outcome.err, IsEmpty());
    EXPECT_THAT(run("--help").out, HasSubstr("  " + std::string(command)));
  }
}

TEST_F(Usage, UnknownCommandsSuggest) {
  const auto outcome = run("rnu");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "plenum: error: unknown command \"rnu\"; did you mean \"run\"? (plenum --help)\n");
}

TEST_F(Usage, UnknownOptionsSuggest) {
  const auto outcome = run("run x.json --jsn y");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("unknown option --jsn; did you mean \"--json\"?"));
}

TEST_F(Usage, MissingAndSurplusArguments) {
  EXPECT_THAT(run("run").err, HasSubstr("SCENARIO is missing"));
  EXPECT_THAT(run("collective --gpus 8").err, HasSubstr("--cluster is missing"));
  EXPECT_THAT(run("compare a b c").err, HasSubstr("too many arguments"));
  EXPECT_EQ(run("run").code, 2);
}

TEST_F(Usage, WrongValues) {
  EXPECT_EQ(run("run llama3-405b-16384-h100 --fold maybe").code, 2);
  EXPECT_THAT(run("compare a b --fail-above much").err, HasSubstr("takes a percentage such as 10%, not \"much\""));
  EXPECT_THAT(run("validate trainig t.csv").err, HasSubstr("did you mean \"training\"?"));
  EXPECT_THAT(run("list gpu").err, HasSubstr("did you mean \"gpus\"?"));
  EXPECT_EQ(run("collective --cluster DGX-H100 --gpus 1").code, 2);
  EXPECT_EQ(run("collective --cluster DGX-H100 --gpus 8 --size 1GiB..1MiB").code, 2);
  EXPECT_EQ(run("collective --cluster DGX-H100 --gpus 8 --op all_recude").code, 2);
}

TEST_F(Usage, ListNamesTheCatalogues) {
  EXPECT_THAT(run("list gpus").out, HasSubstr("H100"));
  EXPECT_THAT(run("list models").out, HasSubstr("LLAMA3.1-405B\n"));
  EXPECT_THAT(run("list clusters").out, HasSubstr("DGX-H100\n"));
  EXPECT_THAT(run("list scenarios").out, HasSubstr("llama3-405b-16384-h100\n"));
  EXPECT_THAT(run("list").out, HasSubstr("fabrics\n"));
}

TEST_F(Usage, ExplainTellsMeaning) {
  EXPECT_THAT(run("explain /cluster/nodes").out, HasSubstr("nodes"));
  EXPECT_EQ(run("explain /cluster/nodez").code, 2);
}

}  // namespace
}  // namespace plenum::testing
