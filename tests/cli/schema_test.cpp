#include "cli/program.hpp"

namespace plenum::testing {
namespace {

class Schema : public Program {};

TEST_F(Schema, GoesToStdoutOrIntoAFile) {
  const auto outcome = run("schema");
  EXPECT_EQ(outcome.out, read_file(PLENUM_REPOSITORY_ROOT "/sim/scenario/scenario.schema.json"));
  EXPECT_EQ(run("schema --out schema.json").code, 0);
  EXPECT_EQ(read_file(folder / "schema.json"), outcome.out);
}

}  // namespace
}  // namespace plenum::testing
