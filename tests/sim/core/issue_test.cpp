#include "sim/core/issue.hpp"

#include <gtest/gtest.h>

namespace plenum {
namespace {

TEST(Issue, ReadsLikeACompilersMessage) {
  EXPECT_EQ(to_string({Severity::error, {"cluster.json", 8, 17}, "/cluster/gpu", "unknown GPU"}),
            "cluster.json:8:17: error: /cluster/gpu: unknown GPU");
  EXPECT_EQ(to_string({Severity::warning, {"--set /a=1", 0, 0}, "", "odd"}), "--set /a=1: warning: odd");
  EXPECT_EQ(to_string({Severity::error, {}, "", "bad"}), "error: bad");
}

TEST(Issues, OnlyErrorsCountAsErrors) {
  Issues issues;
  issues.warning({}, "", "careful");
  EXPECT_FALSE(issues.has_errors());
  issues.error({}, "", "wrong");
  EXPECT_TRUE(issues.has_errors());
  EXPECT_EQ(issues.all().size(), 2u);
}

TEST(Issues, CanBeAddedInTheOrderOfTheFile) {
  Issues found, issues;
  found.error({"b", 1, 1}, "", "4");
  found.error({"a", 2, 1}, "", "2");
  found.error({"a", 2, 1}, "", "3");
  found.error({"a", 1, 9}, "", "1");
  issues.error({"z", 9, 9}, "", "0");
  issues.add_in_order(found);
  std::string order;
  for (const auto& issue : issues.all()) order += issue.message;
  EXPECT_EQ(order, "01234");
}

std::string told(const std::string& message) {
  Issues issues;
  issues.error({"a.json", 1, 2}, "/x", message);
  return to_string(issues.all().front());
}

TEST(Issues, QuoteOnlyTheHeadOfLongValues) {
  const std::string head(79, 'x'), tail(100000, 'y');
  EXPECT_EQ(told("unknown GPU \"" + head + "\u00e9" + tail + "\"; \"short\""),
            "a.json:1:2: error: /x: unknown GPU \"" + head + "... (100081 characters)\"; \"short\"");
}

TEST(Issues, HoldNoControlCharacters) {
  EXPECT_EQ(told("unknown GPU \"\033[2Jx\n\""), "a.json:1:2: error: /x: unknown GPU \"?[2Jx?\"");
}

TEST(Suggestion, FindsTheNearestName) {
  const std::vector<std::string> gpus{"A100-SXM-80GB", "H100-SXM", "H200-SXM", "B200"};
  EXPECT_EQ(suggestion("H10O", gpus), "; did you mean \"H100-SXM\"?");
  EXPECT_EQ(suggestion("h200", gpus), "; did you mean \"H200-SXM\"?");
  EXPECT_EQ(suggestion("B20", gpus), "; did you mean \"B200\"?");
  EXPECT_EQ(suggestion("B020", gpus), "; did you mean \"B200\"?");
  EXPECT_EQ(suggestion("80GB", gpus), "; did you mean \"A100-SXM-80GB\"?");
  EXPECT_EQ(suggestion("tensor_paralel", {"tensor_parallel", "pipeline_parallel"}),
            "; did you mean \"tensor_parallel\"?");
}

TEST(Suggestion, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(suggestion("toaster", {"H100-SXM", "B200"}), "");
  EXPECT_EQ(suggestion("", {"H100-SXM"}), "");
  EXPECT_EQ(suggestion("x", {}), "");
  EXPECT_EQ(suggestion(std::string(100000, 'x'), {"H100-SXM"}), "");
}

}  // namespace
}  // namespace plenum
