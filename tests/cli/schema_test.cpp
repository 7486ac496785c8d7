#include "cli/program.hpp"

namespace plenum::testing {
namespace {

class Schema : public Program {};

TEST_F(Schema, TheCommittedSchemaIsCurrent) {
  const auto committed = read_file(PLENUM_REPOSITORY_ROOT "/sim/scenario/scenario.schema.json");
  EXPECT_EQ(run("schema").out, committed) << "plenum schema --out sim/scenario/scenario.schema.json";
}

}  // namespace
}  // namespace plenum::testing
