#include "analysis/compare.hpp"

#include <gmock/gmock.h>

namespace plenum::analysis {
namespace {

json::Value parsed(const std::string& text, const std::string& name) {
  Issues issues;
  auto value = json::parse(text, name, issues);
  EXPECT_FALSE(issues.has_errors());
  return std::move(*value);
}

json::Value result(const std::string& step, const std::string& name = "a.json") {
  return parsed(R"({"jobs":[{"name":"j","step_time_seconds":)" + step +
                    R"(,"mfu":0.4,"breakdown_seconds":{"bubble":0,"host":1}}]})",
                name);
}

TEST(Compare, TellsRelativeChanges) {
  Issues issues;
  const auto changes = compare(result("4"), result("5.0"), issues);
  ASSERT_FALSE(issues.has_errors());
  ASSERT_NE(largest_change(changes), nullptr);
  EXPECT_DOUBLE_EQ(largest_change(changes)->relative(), 0.25);
  ASSERT_EQ(changes.size(), 3u);  // step, mfu, host; a bubble of zero on both sides says nothing
  EXPECT_EQ(changes[2].quantity, "breakdown_seconds/host");
  EXPECT_EQ(changes[2].relative(), 0);
  EXPECT_THAT(to_text(changes), testing::HasSubstr("+25.00%"));
}

TEST(Compare, FasterIsAChangeToo) {
  Issues issues;
  const auto changes = compare(result("4"), result("3"), issues);
  EXPECT_DOUBLE_EQ(largest_change(changes)->relative(), -0.25);
}

TEST(Compare, MemoryAndMoneyAreJudgedPartsAreShown) {
  const auto with = [](const std::string& bytes, const std::string& bubble) {
    return parsed(R"({"jobs":[{"name":"j","step_time_seconds":1,"memory":{"fits":true,"stages_bytes":[{"total":)" +
                      bytes + R"(}]},"breakdown_seconds":{"bubble":)" + bubble + "}}]}",
                  "a.json");
  };
  Issues issues;
  const auto changes = compare(with("100", "1"), with("110", "2"), issues);
  EXPECT_EQ(largest_change(changes)->quantity, "memory/stages_bytes/0/total");
  EXPECT_NEAR(largest_change(changes)->relative(), 0.1, 1e-12);
}

json::Value served(const std::string& first, const std::string& price, const std::string& name = "a.json") {
  return parsed(R"({"jobs":[{"name":"j","time_to_first_token_seconds":{"mean":)" + first +
                    R"(,"p99":2},"output_tokens_per_second":100,"sustained":true,)" +
                    R"("costs":[{"basis":"rent","output_per_million_tokens_dollars":)" + price + "}]}]}",
                name);
}

TEST(Compare, ServingJobsByTimesThroughputAndCost) {
  Issues issues;
  const auto changes = compare(served("0.5", "2"), served("0.6", "2.1"), issues);
  ASSERT_FALSE(issues.has_errors());
  ASSERT_EQ(changes.size(), 5u);
  EXPECT_EQ(largest_change(changes)->quantity, "time_to_first_token_seconds/mean");
  EXPECT_NEAR(largest_change(changes)->relative(), 0.2, 1e-12);
  EXPECT_EQ(changes[4].quantity, "costs/0/output_per_million_tokens_dollars");
  EXPECT_NEAR(changes[4].relative(), 0.05, 1e-12);
}

TEST(Compare, AJobThatTrainsIsNoneThatServes) {
  Issues issues;
  compare(result("4"), served("1", "1", "b.json"), issues);
  ASSERT_EQ(issues.all().size(), 1u);
  EXPECT_EQ(issues.all()[0].message, "\"j\" trains in one file and serves in the other");
}

TEST(Compare, OtherFilesAreRefused) {
  Issues issues;
  compare(parsed("[]", "a.json"), parsed(R"({"jobs":[{"name":"j"}]})", "b.json"), issues);
  ASSERT_EQ(issues.all().size(), 2u);
  EXPECT_EQ(issues.all()[0].message,
            "not a result of plenum run --json: no job with a step time or a time to first token");
  EXPECT_EQ(issues.all()[1].where.file, "b.json");
}

TEST(Compare, AJobThatOneFileLacksIsNamed) {
  Issues issues;
  compare(result("4"), parsed(R"({"jobs":[{"name":"k","step_time_seconds":4}]})", "b.json"), issues);
  ASSERT_EQ(issues.all().size(), 2u);
  EXPECT_EQ(issues.all()[0].message, "b.json has no job \"j\" as a.json has");
  EXPECT_EQ(issues.all()[1].message, "a.json has no job \"k\" as b.json has");
}

}  // namespace
}  // namespace plenum::analysis
