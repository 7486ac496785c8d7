// What deployments have besides engines and replicas, against closed forms and counts that must come out exactly.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "fork.hpp"
#include "sim/datacenter/serving/served.hpp"
#include "workloads/serving/draft.hpp"

namespace plenum::datacenter {
namespace {

scenario::ServingJob small() {
  scenario::ServingJob job;
  Issues issues;
  job.model = workload::find_model("GPT3-1.3B", issues);
  job.model->context = 1 << 20;
  job.replicas = 1;
  job.requests.prompt = {.tokens = 512};
  job.requests.output = {.tokens = 64};
  job.requests.per_second = 4;
  job.requests.count = 400;
  return job;
}

/// Without a front end what comes at the same moment stands in line at that moment.
ServingResult run(const scenario::ServingJob& job, Seconds front_end = Seconds(0)) {
  return test::served(job, 5, [&](workload::EngineProfile& engine) {
    engine.front_end = front_end;
    engine.handover = Seconds(0);
  });
}

/// What `look` finds in the result, from a process of its own.
template <class Look>
std::vector<double> seen(const scenario::ServingJob& job, const Look& look) {
  return test::in_child([&] { return std::vector<double>(look(run(job))); });
}

/// When all of 100 requests that come at once are done, with a front end of 100 ms each per replica.
double burst(std::int64_t prefill_replicas, std::int64_t replicas) {
  auto job = small();
  job.requests = {.arrivals = workload::ArrivalKind::at_once, .count = 100};
  job.requests.prompt.tokens = 16;
  job.requests.output.tokens = 2;
  job.replicas = replicas;
  if (prefill_replicas > 0) job.prefill = scenario::PrefillPool{.plan = {}, .replicas = prefill_replicas};
  return test::in_child([&] { return std::vector{run(job, Seconds(0.1)).end.value()}; }).front();
}

// Each replica runs a front end of its own, and what still stands in one is ahead of the next request: two replicas
// take twice the rate. Where prefill has GPUs of its own both sides have one.
TEST(FrontEnd, EveryReplicaHasItsOwn) {
  const double one = burst(0, 1);
  EXPECT_NEAR(one, 10, 0.1);
  EXPECT_NEAR(one - burst(0, 2), 5, 1e-6);
  const double split = burst(2, 1);
  EXPECT_NEAR(split, 10 + 0.1, 0.1);
  EXPECT_NEAR(split - burst(2, 2), 5, 0.1 + 1e-6);
}

double mean_first_token(const ServingResult& result) {
  double sum = 0;
  for (const auto& r : result.requests) sum += (r.first_token - r.arrival).value();
  return sum / static_cast<double>(result.requests.size());
}

// A prompt's end and the move of its cache are that far apart; nothing else waits for it.
TEST(Handover, DelaysTheFirstTokensOfSplitServersAlone) {
  const auto first = [](bool split, Seconds handover) {
    auto job = small();
    job.requests.per_second = 0.1;
    job.requests.count = 10;
    if (split) job.prefill = scenario::PrefillPool{.plan = {}, .replicas = 1};
    return test::in_child([&] {
             const auto set = [&](workload::EngineProfile& engine) { engine.handover = handover; };
             return std::vector{mean_first_token(test::served(job, 5, set))};
           })
        .front();
  };
  EXPECT_NEAR(first(true, Seconds(0.11)) - first(true, Seconds(0)), 0.11, 1e-9);
  EXPECT_EQ(first(false, Seconds(0.11)), first(false, Seconds(0)));
}

// One request at a time and room for everything: what was asked for before is found. The rates of these traces are
// published (Qin et al., Mooncake): 36.6 % and 64.0 % of the blocks.
class InfiniteCache : public testing::TestWithParam<std::tuple<const char*, double, double>> {};
TEST_P(InfiniteCache, FindsWhatWasAskedForBefore) {
  const auto& [file, blocks, hits] = GetParam();
  auto job = small();
  job.requests = {};
  job.requests.file = std::string(PLENUM_REPOSITORY_ROOT) + "/workloads/catalogue/requests/" + file;
  job.requests.concurrency = 1;
  job.kv_tokens = std::int64_t{1} << 40;
  const auto found = seen(job, [](const ServingResult& result) {
    return std::vector{double(result.pool.hits.blocks), double(result.pool.hits.hit_blocks)};
  });
  EXPECT_EQ(found[0], blocks);
  EXPECT_EQ(found[1], hits);
}
INSTANTIATE_TEST_SUITE_P(Mooncake, InfiniteCache,
                         testing::Values(std::tuple{"mooncake_conversation.jsonl.zst", 288500.0, 105710.0},
                                         std::tuple{"mooncake_synthetic.jsonl.zst", 121877.0, 77953.0}));

/// Sessions of two turns whose first prompt is one block.
scenario::ServingJob sessions() {
  auto job = small();
  job.requests.per_second = 0.01;
  job.requests.count = 20;
  job.requests.session = workload::Session{.turns = {.tokens = 2}, .wait = Seconds(30)};
  job.requests.output = {.tokens = 513};  // the last token of an answer is never computed
  return job;
}

TEST(PrefixCache, ASecondTurnFindsTheFirst) {
  const auto found = seen(sessions(), [](const ServingResult& result) {
    return std::vector{double(result.pool.hits.hit_tokens), double(result.requests.size())};
  });
  EXPECT_EQ(found[1], 20);
  EXPECT_EQ(found[0], 10 * 1024);
}

// The GPUs hold two sessions at most, so that others have often driven a turn out before the next one comes.
TEST(PrefixCache, WhatWasDroppedIsReadFromTheTierBelow) {
  auto job = sessions();
  job.requests.per_second = 0.5;
  job.kv_tokens = 4096;
  const double alone = seen(job, [](const ServingResult& r) { return std::vector{double(r.pool.hits.hit_tokens)}; })[0];
  job.options.prefix_caching.tiers = {{"host", Bytes(std::int64_t{64} << 30), BytesPerSecond(20e9), Seconds(0)}};
  const auto found = seen(job, [](const ServingResult& result) {
    return std::vector{double(result.pool.hits.hit_tokens), double(result.pool.tier_tokens[0])};
  });
  EXPECT_LT(alone, 10 * 1024);
  EXPECT_GT(found[0], alone);
  EXPECT_LE(found[0], 10 * 1024);
  EXPECT_GE(found[1], found[0] - alone);
}

TEST(PrefixCache, CanBeOff) {
  auto job = sessions();
  job.options.prefix_caching.enabled = false;
  EXPECT_EQ(seen(job, [](const ServingResult& result) { return std::vector{double(result.pool.hits.hit_tokens)}; })[0],
            0);
}

TEST(Speculation, AStepGivesTheExpectedTokens) {
  auto job = small();
  job.requests.concurrency = 1;
  job.requests.per_second = 0;
  job.requests.count = 40;
  job.requests.output = {.tokens = 1001};
  job.options.speculation = scenario::Speculation{.tokens = 4, .acceptance = 0.8, .draft = ""};
  const auto found = seen(job, [](const ServingResult& result) {
    return std::vector{double(result.pool.given_tokens), result.pool.steps};
  });
  const double decoded = found[0] - 40, steps = found[1] - 40;  // a step for each prompt gives its first token
  // 1 to 5 tokens have a standard deviation below 2; the last step of a request may give fewer than it could.
  EXPECT_NEAR(decoded / steps, workload::expected_tokens(4, 0.8), 3 * 2 / std::sqrt(steps) + 4 * 40 / steps);
}

TEST(Speculation, IsWorthItWhenDraftsAreAccepted) {
  auto job = small();
  job.requests.output = {.tokens = 500};
  job.requests.count = 50;
  const auto end = [](const ServingResult& result) {
    double sum = 0;
    for (const auto& r : result.requests) sum += (r.done - r.first_token).value();
    return std::vector{sum};
  };
  const double without = seen(job, end)[0];
  job.options.speculation = scenario::Speculation{.tokens = 3, .acceptance = 0.9, .draft = ""};
  EXPECT_LT(seen(job, end)[0], without);
  job.options.speculation->acceptance = 0;
  EXPECT_GT(seen(job, end)[0], without);
}

TEST(Preemption, WhatIsSwappedIsNotComputedAgain) {
  auto job = small();
  job.requests.arrivals = workload::ArrivalKind::at_once;
  job.requests.per_second = 0;
  job.requests.count = 60;
  job.requests.output = {.tokens = 800};
  job.kv_tokens = 16384;
  const auto counts = [](const ServingResult& result) {
    return std::vector{double(result.pool.computed_tokens), double(result.pool.preemptions)};
  };
  const double asked = 60 * (512 + 800 - 1);
  const auto again = seen(job, counts);
  EXPECT_GT(again[1], 0);
  EXPECT_GT(again[0], asked);
  job.options.preemption = scenario::Preemption::swap;
  const auto swapped = seen(job, counts);
  EXPECT_GT(swapped[1], 0);
  EXPECT_EQ(swapped[0], asked);
}

TEST(Classes, ThoseWithPriorityWaitLess) {
  auto job = small();
  job.max_sequences = 4;
  job.requests.per_second = 40;
  job.options.classes = {{.name = "batch"}, {.name = "interactive", .priority = 1}};
  const auto waits = seen(job, [](const ServingResult& result) {
    std::vector<double> sum(2), count(2);
    for (const auto& r : result.requests) {
      sum[r.service_class] += (r.first_token - r.arrival).value();
      ++count[r.service_class];
    }
    return std::vector{sum[0] / count[0], sum[1] / count[1]};
  });
  EXPECT_LT(5 * waits[1], waits[0]);
}

TEST(Classes, AreTurnedAwayWhenTooMuchIsAhead) {
  auto job = small();
  job.requests.per_second = 0;
  job.requests.arrivals = workload::ArrivalKind::at_once;
  job.requests.count = 100;
  job.options.classes = {{.name = "all", .most_tokens_ahead = 9 * (512 + 64)}};
  const auto turned_away = seen(job, [](const ServingResult& result) {
    return std::vector{double(std::ranges::count_if(result.requests, &RequestRecord::turned_away))};
  });
  EXPECT_EQ(turned_away[0], 90);  // all at the same moment: the tenth still finds nine ahead of it
}

TEST(Adapters, StepsHoldNoMoreThanThereIsRoomFor) {
  auto job = small();
  job.requests.arrivals = workload::ArrivalKind::at_once;
  job.requests.per_second = 0;
  job.requests.count = 200;
  const auto busy = [](const ServingResult& result) { return std::vector{result.end.value()}; };
  const double without = seen(job, busy)[0];
  job.options.adapters = scenario::Adapters{.count = 100'000'000, .popularity = 0, .rank = 16, .resident = 64};
  const double many = seen(job, busy)[0];
  job.options.adapters->resident = 1;  // one after the other, since all are different
  const double one = seen(job, busy)[0];
  EXPECT_GT(many, without);
  EXPECT_GT(one, 10 * many);
}

// One of eight GPUs at half speed: its replica's kernels take twice as long, those of the other one as before.
TEST(SlowGpus, SlowTheirReplica) {
  auto job = small();
  job.replicas = 2;
  job.plan.tensor_parallel = 4;
  job.router = scenario::RouterKind::round_robin;
  job.requests = {.arrivals = workload::ArrivalKind::at_once, .count = 2};
  job.requests.prompt.tokens = 512;
  job.requests.output.tokens = 64;
  const auto times = [&job](double speed) {
    return test::in_child([&] {
      scenario::Loaded loaded;
      loaded.scenario.cluster.gpu = "H100-SXM";
      loaded.scenario.slow_gpus = {{.gpu = 6, .speed = speed}};
      loaded.scenario.jobs.emplace_back().serving = job;
      Issues issues;
      const auto bound = scenario::bind(loaded, issues);
      const auto result = simulate(*bound, {.seed = 5}).serving.front();
      return std::vector{result.requests[0].done.value(), result.requests[1].done.value()};
    });
  };
  const auto healthy = times(1), slow = times(0.5);
  EXPECT_DOUBLE_EQ(slow[0], healthy[0]);
  EXPECT_GT(slow[1], 1.3 * healthy[1]);
  EXPECT_LT(slow[1], 2 * healthy[1]);  // host and links are as fast as before
}

TEST(Autoscaling, HoldsWhatTheLoadNeeds) {
  auto job = small();
  job.replicas = 8;
  job.requests.per_second = 30;
  job.requests.count = 6000;
  job.max_sequences = 4;
  job.options.autoscaling = scenario::Autoscaling{.fewest = 1, .requests_per_replica = 4, .interval = Seconds(5)};
  const auto found = seen(job, [](const ServingResult& result) {
    double most = 0;
    for (const auto& sample : result.timeline) most = std::max(most, double(sample.replicas));
    return std::vector{result.gpu_seconds / result.end.value(), most, double(result.timeline.front().replicas)};
  });
  EXPECT_GT(found[0], 1);
  EXPECT_LT(found[0], 8);
  EXPECT_GT(found[1], 1);
  EXPECT_EQ(found[2], 1);
}

TEST(Routers, SessionsStayWhereTheirPrefixIs) {
  auto job = small();
  job.replicas = 8;
  job.requests.per_second = 4;
  job.requests.count = 800;
  job.requests.session = workload::Session{.turns = {.tokens = 8}, .wait = Seconds(2)};
  const auto hit_tokens = [](const ServingResult& r) { return std::vector{double(r.pool.hits.hit_tokens)}; };
  job.router = scenario::RouterKind::round_robin;
  const double anywhere = seen(job, hit_tokens)[0];
  job.router = scenario::RouterKind::session_affine;
  const double at_home = seen(job, hit_tokens)[0];
  job.router = scenario::RouterKind::prefix_aware;
  const double by_prefix = seen(job, hit_tokens)[0];
  EXPECT_GT(at_home, 2 * anywhere);
  EXPECT_GT(by_prefix, 1.5 * anywhere);
}

TEST(Prefill, MayHaveGpusOfItsOwn) {
  auto job = small();
  job.prefill = scenario::PrefillPool{.plan = {}, .replicas = 1};
  const auto first = [](const ServingResult& r) { return std::vector{mean_first_token(r)}; };
  const double same = seen(job, first)[0];
  job.prefill->gpu = "A100-80GB";
  EXPECT_GT(seen(job, first)[0], same);
}

// A decode replica for one sequence: whoever's prompt is read meanwhile waits for its token until that one is done.
TEST(Prefill, TokenComesWhenTheDecodeReplicaTakesTheRequestIn) {
  auto job = small();
  job.prefill = scenario::PrefillPool{.plan = {}, .replicas = 1};
  job.max_sequences = 1;
  job.requests = {.arrivals = workload::ArrivalKind::at_once, .count = 2};
  job.requests.prompt.tokens = 512;
  job.requests.output.tokens = 64;
  const auto times = seen(job, [](const ServingResult& r) {
    return std::vector{r.requests[0].first_token.value(), r.requests[0].done.value(), r.requests[1].first_token.value(),
                       r.requests[1].done.value()};
  });
  EXPECT_LT(times[0], times[1]);
  EXPECT_DOUBLE_EQ(times[2], times[1]);
  EXPECT_NEAR(times[3] - times[2], times[1] - times[0], 1e-9);
}

// Caches on their way count: of two idle decode replicas two requests at once take one each.
TEST(Prefill, RoutersCountWhatIsOnItsWay) {
  auto job = small();
  job.prefill = scenario::PrefillPool{.plan = {}, .replicas = 2};
  job.replicas = 2;
  job.max_sequences = 1;
  job.requests = {.arrivals = workload::ArrivalKind::at_once, .count = 2};
  job.requests.prompt.tokens = 512;
  job.requests.output.tokens = 64;
  const auto times = seen(job, [](const ServingResult& r) {
    return std::vector{r.requests[0].done.value(), r.requests[1].done.value()};
  });
  EXPECT_NEAR(times[0], times[1], 1e-6);
}

}  // namespace
}  // namespace plenum::datacenter
