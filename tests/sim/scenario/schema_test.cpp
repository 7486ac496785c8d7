#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/core/files.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::scenario {
namespace {

TEST(Schema, IsCommittedAsGenerated) {
  Scenario example;
  const auto schema = schema_of([&](Fields& fields) { describe(fields, example); }, "Plenum scenario");
  Issues issues;
  const auto committed = read_whole(PLENUM_REPOSITORY_ROOT "/sim/scenario/scenario.schema.json", issues);
  EXPECT_TRUE(nlohmann::ordered_json::parse(committed.value_or("{}")) == schema)
      << "the fields changed; write the schema again: plenum schema --out sim/scenario/scenario.schema.json";
}

TEST(Explain, ReachesIntoClusterAndModel) {
  Scenario example;
  const auto explain = [&](const char* pointer) {
    return explain_field([&](Fields& fields) { describe(fields, example); }, pointer).value_or("(no such field)");
  };
  EXPECT_NE(explain("/cluster/preset").find("Committed cluster to start from"), std::string::npos);
  EXPECT_NE(explain("/cluster/fabric/spine_oversubscription").find("1:7 between pods"), std::string::npos);
  EXPECT_NE(explain("/jobs/0/training/model/config").find("Hugging Face"), std::string::npos);
  EXPECT_NE(explain("/jobs/0/training/plan/recompute").find("default \"automatic\""), std::string::npos);
}

}  // namespace
}  // namespace plenum::scenario
