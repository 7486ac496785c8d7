#include "cli/program.hpp"

namespace plenum::testing {
namespace {

class Schema : public Program {};

TEST_F(Schema, GoesToStdoutOrIntoAFile) {
  const auto outcome = run("schema");
  EXPECT_EQ(outcome.out.rfind("{\n  \"$schema\": ", 0), 0u);
  EXPECT_EQ(run("schema --out schema.json").code, 0);
  EXPECT_EQ(read_file(folder / "schema.json"), outcome.out);
}

}  // namespace
}  // namespace plenum::testing
