#include "analysis/application_metrics.hpp"

#include <gtest/gtest.h>

#include "analysis/report/application_report.hpp"

namespace plenum::analysis {
namespace {

/// Two requests through a search and a model, and a third that the search blocked.
struct Two {
  scenario::BoundApplication job;
  datacenter::ApplicationResult result;
  std::vector<ServingMetrics> serving{1};

  Two() {
    job.stages.resize(2);
    job.stages[0].name = "search";
    job.stages[1].name = "answer";
    job.stages[1].served_by = "chat";
    job.serving = {0, 0};
    job.service_level.end_to_end = Seconds(5);
    const auto at = [](double arrival, double first, double done) {
      return datacenter::ApplicationRecord{
          .arrival = Seconds(arrival), .first_token = Seconds(first), .done = Seconds(done)};
    };
    result.requests = {at(0, 2, 4), at(1, 4, 7), at(2, 3, 3)};
    result.requests[2].ended_by = 0;
    result.requests[2].blocked = true;
    result.waited = {1, 3, 1, 5, 1, 0};
    result.stages.resize(2);
    result.stages[0].times = {1, 1, 1};
    result.stages[1] = {.times = {3, 5}, .ends = {4, 7}, .calls = 2, .prompt_tokens = 3000, .output_tokens = 500};
    result.end = Seconds(7);
    serving[0].costs = {{"rent", {}, {}, Dollars(2), Dollars(8)}};
  }
};

TEST(ApplicationMetrics, SharesOfWaitingAreThoseOfAllTime) {
  Two two;
  const auto m = measure(two.job, two.result, two.serving);
  EXPECT_EQ(m.requests, 3u);
  EXPECT_EQ(m.blocked, 1u);
  EXPECT_EQ(m.refused, 0u);
  EXPECT_DOUBLE_EQ(m.stages[0].waited_share, 3.0 / 11);
  EXPECT_DOUBLE_EQ(m.stages[1].waited_share, 8.0 / 11);
  EXPECT_DOUBLE_EQ(m.end_to_end.mean, 5);
  EXPECT_DOUBLE_EQ(m.time_to_first_token.mean, 2.5);
  EXPECT_DOUBLE_EQ(m.good, 1.0 / 3);
  EXPECT_DOUBLE_EQ(m.requests_per_second, 2.0 / 7);
}

// 3,000 tokens in at $2 and 500 out at $8 a million, for two requests that were completed.
TEST(ApplicationMetrics, ARequestCostsItsTokens) {
  Two two;
  const auto m = measure(two.job, two.result, two.serving);
  ASSERT_EQ(m.costs.size(), 1u);
  EXPECT_NEAR(m.costs[0].per_request.value(), (3000 * 2 + 500 * 8) / 1e6 / 2, 1e-12);
}

TEST(ApplicationReport, WritesALinePerRequest) {
  Two two;
  EXPECT_EQ(application_csv(two.job, two.result),
            "arrival_s,first_token_s,done_s,query_tokens,answer_tokens,context_tokens,model_calls,ended_by,search_s,"
            "answer_s\n"
            "0.000000,2.000000,4.000000,0,0,0,0,,1.000000,3.000000\n"
            "1.000000,4.000000,7.000000,0,0,0,0,,1.000000,5.000000\n"
            "2.000000,3.000000,3.000000,0,0,0,0,search,1.000000,0.000000\n");
}

}  // namespace
}  // namespace plenum::analysis
