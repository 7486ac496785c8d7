#include "sim/datacenter/serving/front_end.hpp"

#include <gtest/gtest.h>

#include "fork.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::datacenter {
namespace {

constexpr Seconds each(0.01);

TEST(FrontEnd, TakesRequestsInOneAfterAnother) {
  FrontEnd end;
  EXPECT_NEAR(end.take_in(Seconds(1), each).value(), 0.01, 1e-12);
  EXPECT_NEAR(end.take_in(Seconds(1), each).value(), 0.02, 1e-12);
  EXPECT_NEAR(end.take_in(Seconds(2), each).value(), 0.01, 1e-12);
}

TEST(FrontEnd, FallsBehindWhatIsGivenFasterThanItStreams) {
  FrontEnd end;
  EXPECT_EQ(end.stream(Seconds(1), 100, each).value(), 0);             // a second for 100 tokens
  EXPECT_NEAR(end.stream(Seconds(2), 250, each).value(), 0.5, 1e-12);  // 50 more than that
  EXPECT_NEAR(end.take_in(Seconds(2), each).value(), 0.51, 1e-12);     // who comes stands behind them
  EXPECT_NEAR(end.stream(Seconds(2.4), 250, each).value(), 0.11, 1e-12);
  EXPECT_EQ(end.stream(Seconds(5), 250, each).value(), 0);
}

/// Tokens per second of 64 users in a closed loop, whose replica has a front end with this time per message.
double rate(Seconds token_front_end, std::int64_t stream_interval = 1) {
  return test::in_child([&] {
           scenario::Loaded loaded;
           loaded.scenario.cluster.gpu = "H100-SXM";
           auto& job = loaded.scenario.jobs.emplace_back().serving.emplace();
           job.model_name = "GPT3-1.3B";
           job.replicas = 1;
           job.requests = {.concurrency = 64, .count = 640};
           job.requests.prompt.tokens = 16;
           job.requests.output.tokens = 200;
           Issues issues;
           const auto bound = scenario::bind(loaded, issues);
           if (!bound) throw std::runtime_error(to_string(issues.all().front()));
           auto& engine = bound->serving.front().engine;
           engine.token_front_end = token_front_end;
           engine.stream_interval = stream_interval;
           const auto result = simulate(*bound, {.seed = 5}).serving.front();
           return std::vector{640 * 200 / result.end.value()};
         })
      .front();
}

TEST(FrontEnd, UsersGetNoMoreThanItStreams) {
  EXPECT_GT(rate(Seconds(0)), 6000);
  EXPECT_NEAR(rate(Seconds(1e-3)), 1000, 30);
  EXPECT_NEAR(rate(Seconds(1e-3), 4), 4000, 120);
}

}  // namespace
}  // namespace plenum::datacenter
