#include "sim/datacenter/serving/front_end.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "fork.hpp"
#include "sim/datacenter/serving/served.hpp"

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

scenario::ServingJob llama() {
  scenario::ServingJob job;
  job.model_name = "LLAMA3-8B";
  job.replicas = 1;
  job.requests.prompt.tokens = 200;
  return job;
}

ServingResult run(const scenario::ServingJob& job, Seconds token_front_end, std::int64_t stream_interval = 1,
                  Seconds token_copy = Seconds(0)) {
  return test::served(job, 5, [&](workload::EngineProfile& engine) {
    engine.token_front_end = token_front_end;
    engine.stream_interval = stream_interval;
    engine.token_copy = token_copy;
  });
}

/// Mean time to the first token of few users with 7,500 tokens each, which keep the front end busy for a twentieth of
/// the time at 44 us.
double first_token(Seconds token_front_end) {
  auto job = llama();
  job.requests.per_second = 0.2;
  job.requests.count = 50;
  job.requests.output.tokens = 7500;
  return test::in_child([&] {
           double sum = 0;
           for (const auto& r : run(job, token_front_end).requests) sum += (r.first_token - r.arrival).value() / 50;
           return std::vector{sum};
         })
      .front();
}

TEST(FrontEnd, WhatWasStreamedMeanwhileIsNotAheadOfARequest) {
  EXPECT_LT(first_token(Seconds(44e-6)), first_token(Seconds(0)) + 1e-3);
}

// The only token of a request comes from the prefill replica, whichever of them.
TEST(FrontEnd, RequestsThatEndWithTheirPromptHaveNoDecodeReplica) {
  auto job = llama();
  job.prefill = scenario::PrefillPool{.plan = {}, .replicas = 7};
  job.requests.per_second = 40;
  job.requests.count = 200;
  job.requests.output = {.kind = workload::LengthKind::uniform, .tokens = 3, .minimum = 1};
  const auto ended = test::in_child([&] {
    const auto requests = run(job, Seconds(44e-6)).requests;
    return std::vector{double(std::ranges::count_if(requests, [](const auto& r) { return r.done >= r.first_token; }))};
  });
  EXPECT_EQ(ended.front(), 200);
}

/// Tokens per second of 64 users in a closed loop, each with 200.
double rate(Seconds token_front_end, std::int64_t stream_interval = 1, Seconds token_copy = Seconds(0)) {
  auto job = llama();
  job.model_name = "GPT3-1.3B";
  job.requests = {.concurrency = 64, .count = 640};
  job.requests.prompt.tokens = 16;
  job.requests.output.tokens = 200;
  return test::in_child([&] {
           const auto result = run(job, token_front_end, stream_interval, token_copy);
           return std::vector{640 * 200 / result.end.value()};
         })
      .front();
}

TEST(FrontEnd, UsersGetNoMoreThanItStreams) {
  EXPECT_GT(rate(Seconds(0)), 6000);
  EXPECT_NEAR(rate(Seconds(1e-3)), 1000, 30);
  EXPECT_NEAR(rate(Seconds(1e-3), 4), 4000, 120);
}

// 100 tokens before each one on average.
TEST(FrontEnd, CopiesWhatWasGivenBefore) { EXPECT_NEAR(rate(Seconds(1e-3), 1, Seconds(1e-5)), 500, 15); }

}  // namespace
}  // namespace plenum::datacenter
