#include "analysis/service_objective.hpp"

#include <gmock/gmock.h>

namespace plenum::analysis {
namespace {

TEST(Objectives, AreReadAndHeld) {
  Issues issues;
  const auto objectives = parse_objectives("p99 ttft <= 1 s, mean tpot <= 50 ms", issues);
  ASSERT_EQ(objectives.size(), 2u);
  ServingMetrics metrics;
  metrics.time_to_first_token.p99 = 1;
  metrics.time_per_output_token.mean = 0.05;
  EXPECT_TRUE(holds(objectives, metrics));
  metrics.time_per_output_token.mean = 0.051;
  EXPECT_FALSE(holds(objectives, metrics));
  metrics.time_per_output_token.mean = 0.01;
  metrics.sustained = false;
  EXPECT_FALSE(holds(objectives, metrics));
}

TEST(Objectives, SayWhatIsWrong) {
  for (const auto* text : {"p99 ttft < 1 s", "p98 ttft <= 1 s", "p99 latency <= 1 s", "p99 ttft <= 1", ""}) {
    Issues issues;
    EXPECT_TRUE(parse_objectives(text, issues).empty()) << text;
    ASSERT_EQ(issues.all().size(), 1u) << text;
    EXPECT_THAT(to_string(issues.all().front()), testing::HasSubstr("would be right"));
  }
}

}  // namespace
}  // namespace plenum::analysis
