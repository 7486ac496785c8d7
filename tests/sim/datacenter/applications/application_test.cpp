// Requests that go through several stages, against what can be computed by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fork.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::datacenter {
namespace {

using scenario::ApplicationStage;
using scenario::Reads;

workload::Transformer model(const char* name, std::int64_t context = 1 << 20) {
  Issues issues;
  auto found = workload::find_model(name, issues);
  found->context = context;
  return *found;
}

/// An application on the GPUs of one node: "writer" has the first half of them, "encoder" the rest.
struct Case {
  scenario::ApplicationJob application;
  scenario::ServingJob writer, encoder;

  Case() {
    writer.model = model("GPT3-1.3B");
    writer.gpus = 4;
    writer.replicas = 1;
    encoder.model = model("BGE-M3");
    encoder.first_gpu = encoder.gpus = 4;
    encoder.replicas = 1;
    application.requests.arrivals = workload::ArrivalKind::at_once;
    application.requests.count = 1;
    application.requests.prompt = {.tokens = 100};
    application.requests.output = {.tokens = 50};
  }

  /// Jobs that no stage names have a request of their own.
  scenario::ServingJob occupied(scenario::ServingJob job, const char* name) const {
    const auto& stages = application.stages;
    if (job.requests.count > 0 || std::ranges::find(stages, name, &ApplicationStage::served_by) != stages.end())
      return job;
    job.requests = {.arrivals = workload::ArrivalKind::at_once, .count = 1};
    return job;
  }

  Result run() const {
    scenario::Loaded loaded;
    loaded.scenario.cluster.gpu = "H100-SXM";
    const auto add = [&](const char* name) -> scenario::Job& {
      auto& job = loaded.scenario.jobs.emplace_back();
      job.name = name;
      return job;
    };
    add("application").application = application;
    add("writer").serving = occupied(writer, "writer");
    add("encoder").serving = occupied(encoder, "encoder");
    Issues issues;
    const auto bound = scenario::bind(loaded, issues);
    if (!bound) throw std::runtime_error(to_string(issues.all().front()));
    for (auto& job : bound->serving) job.engine.front_end = Seconds(0);
    return simulate(*bound, {.seed = 7});
  }

  template <class Look>
  std::vector<double> seen(const Look& look) const {
    return test::in_child([&] { return std::vector<double>(look(run())); });
  }
};

ApplicationStage served(const char* name, const char* by, Reads reads = Reads::context) {
  ApplicationStage stage{.name = name};
  stage.served_by = by;
  stage.reads = reads;
  return stage;
}

ApplicationStage takes(const char* name, double seconds, std::int64_t servers = 0) {
  ApplicationStage stage{.name = name};
  stage.service = scenario::TimedService{.time = Seconds(seconds), .servers = servers};
  return stage;
}

workload::LengthSpecification fixed(std::int64_t tokens) { return {.tokens = tokens}; }

double total(const ApplicationRecord& r) { return (r.done - r.arrival).value(); }

TEST(Application, WithoutLoadStagesAddUp) {
  Case alone;
  alone.application.stages = {served("answer", "writer")};
  const double answer =
      alone.seen([](const Result& r) { return std::vector{total(r.applications[0].requests[0])}; })[0];
  Case whole = alone;
  whole.application.stages = {takes("before", 0.2), served("answer", "writer"), takes("after", 0.3)};
  const auto found = whole.seen([](const Result& r) {
    const auto& application = r.applications[0];
    std::vector<double> numbers = application.waited;
    numbers.push_back(total(application.requests[0]));
    numbers.push_back((application.requests[0].first_token - application.requests[0].arrival).value());
    return numbers;
  });
  EXPECT_NEAR(found[0], 0.2, 1e-12);
  EXPECT_NEAR(found[1], answer, 1e-9);
  EXPECT_NEAR(found[2], 0.3, 1e-12);
  EXPECT_NEAR(found[3], answer + 0.5, 1e-9);
  EXPECT_NEAR(found[4], answer + 0.5, 1e-9);  // what comes after the answer is waited for
}

// Five rounds: the tool is waited for four times, and what it says and what was written is read again.
TEST(Application, AnAgentsContextGrowsRoundByRound) {
  Case agent;
  auto tool = takes("tool", 2);
  tool.adds = fixed(300);
  tool.back_to = "think";
  tool.rounds = fixed(5);
  auto think = served("think", "writer");
  think.instructions = 1000;
  agent.application.stages = {think, tool};
  const auto found = agent.seen([](const Result& r) {
    const auto& application = r.applications[0];
    std::vector<double> numbers{application.waited[1], double(application.requests[0].context),
                                double(r.serving[0].pool.hits.hit_tokens)};
    for (const auto& request : r.serving[0].requests) numbers.push_back(request.prompt);
    return numbers;
  });
  EXPECT_NEAR(found[0], 4 * 2, 1e-9);
  EXPECT_EQ(found[1], 100 + 5 * 50 + 4 * 300);
  ASSERT_EQ(found.size(), 3 + 5u);
  double hits = 0;
  for (int round = 0; round < 5; ++round) {
    const int prompt = 1000 + 100 + round * (50 + 300);
    EXPECT_EQ(found[3 + static_cast<std::size_t>(round)], prompt);
    // Of what was read and written before, whole blocks of 32 tokens; an answer's last token was never computed.
    if (round < 4) hits += (prompt + 50 - 1) / 32 * 32;
  }
  EXPECT_EQ(found[2], hits);
}

TEST(Application, DocumentsAreRankedSideBySideAndRead) {
  Case rag;
  auto rank = served("rank", "encoder", Reads::query);
  rank.calls = fixed(20);
  rank.document = fixed(200);
  rank.adds = fixed(600);
  auto guard = served("guard", "writer", Reads::answer);
  guard.instructions = 64;
  guard.output = fixed(3);
  rag.application.stages = {rank, served("answer", "writer"), guard};
  const auto found = rag.seen([](const Result& r) {
    const auto& texts = r.serving[1].requests;
    std::vector<double> numbers{double(texts.size()), double(texts.front().prompt), double(texts.back().prompt)};
    for (const auto& request : r.serving[0].requests)
      numbers.insert(numbers.end(), {double(request.prompt), double(request.output)});
    return numbers;
  });
  EXPECT_EQ(found, (std::vector<double>{20, 300, 300, 100 + 600, 50, 64 + 50, 3}));
}

// 1e9 vectors of 1,024 bytes, a hundredth of them read at 4 x 256 GB/s, and 3 ms besides.
TEST(Application, ASearchIsAsFastAsTheMemoryOfItsHosts) {
  Case search;
  ApplicationStage stage{.name = "search"};
  stage.search = scenario::VectorSearch{.vectors = 1'000'000'000,
                                        .dimension = 1024,
                                        .bytes_per_value = 1,
                                        .scanned = 0.01,
                                        .hosts = 4,
                                        .bandwidth = BytesPerSecond(256e9),
                                        .latency = Seconds(3e-3)};
  search.application.stages = {stage};
  const auto times = [](const Result& r) {
    std::vector<double> numbers;
    for (const auto& request : r.applications[0].requests) numbers.push_back(total(request));
    return numbers;
  };
  EXPECT_NEAR(search.seen(times)[0], 0.01 + 3e-3, 1e-9);
  search.application.requests.count = 5;  // at the same time: the memory is shared
  for (const double time : search.seen(times)) EXPECT_NEAR(time, 5 * 0.01 + 3e-3, 1e-9);
}

TEST(Application, StagesSideBySideTakeAsLongAsTheSlowestOne) {
  Case both;
  auto second = takes("second", 0.7);
  second.beside = true;
  both.application.stages = {takes("first", 0.4), second, takes("third", 0.1)};
  const auto found = both.seen([](const Result& r) { return r.applications[0].waited; });
  EXPECT_NEAR(found[0], 0, 1e-12);
  EXPECT_NEAR(found[1], 0.7, 1e-12);
  EXPECT_NEAR(found[2], 0.1, 1e-12);
}

TEST(Application, AGuardEndsItsPartOfTheRequests) {
  Case guarded;
  auto guard = takes("guard", 0.01);
  guard.blocks = 0.3;
  auto seldom = takes("seldom", 0.01);
  seldom.share = 0.25;
  guarded.application.stages = {guard, seldom, takes("rest", 0.01)};
  guarded.application.requests.count = 4000;
  const auto found = guarded.seen([](const Result& r) {
    const auto& requests = r.applications[0].requests;
    return std::vector{double(std::ranges::count_if(requests, &ApplicationRecord::blocked)),
                       double(r.applications[0].stages[1].times.size()),
                       double(r.applications[0].stages[2].times.size())};
  });
  EXPECT_NEAR(found[0], 1200, 4 * std::sqrt(4000 * 0.3 * 0.7));
  EXPECT_EQ(found[2], 4000 - found[0]);
  EXPECT_NEAR(found[1], found[2] / 4, 4 * std::sqrt(2800 * 0.25 * 0.75));
}

// M/G/1 with processor sharing: the mean time in a stage is s / (1 - u), whatever the distribution of s (Kleinrock,
// Queueing Systems II, 1976, 4.4). The mean of 20,000 correlated times has a standard error of some 2.5 %.
TEST(Application, ServersThatShareAreAProcessorSharingQueue) {
  for (const double variation : {0.0, 1.0}) {
    Case queue;
    auto tool = takes("tool", 0.2, 1);
    tool.service->coefficient_of_variation = variation;
    queue.application.stages = {tool};
    queue.application.requests.arrivals = workload::ArrivalKind::poisson;
    queue.application.requests.per_second = 3;
    queue.application.requests.count = 20000;
    const double mean = queue.seen([](const Result& r) {
      double sum = 0;
      for (const auto& request : r.applications[0].requests) sum += total(request);
      return std::vector{sum / double(r.applications[0].requests.size())};
    })[0];
    EXPECT_NEAR(mean, 0.2 / (1 - 0.6), 0.06 * 0.5);
  }
}

TEST(Application, ATurnReadsWhatWasSaidBefore) {
  Case chat;
  chat.application.requests.arrivals = workload::ArrivalKind::poisson;
  chat.application.requests.per_second = 0.01;
  chat.application.requests.count = 3;
  chat.application.requests.session = workload::Session{.turns = fixed(3), .wait = Seconds(1)};
  auto search = takes("search", 0.1);
  search.adds = fixed(400);
  chat.application.stages = {search, served("answer", "writer")};
  const auto prompts = chat.seen([](const Result& r) {
    std::vector<double> numbers;
    for (const auto& request : r.serving[0].requests) numbers.push_back(request.prompt);
    return numbers;
  });
  EXPECT_EQ(prompts, (std::vector<double>{500, 500 + 50 + 500, 2 * 550 + 500}));
}

TEST(Application, WhatAModelRefusesEndsThere) {
  Case small;
  small.writer.model->context = 120;
  small.application.stages = {takes("before", 0.1), served("answer", "writer"), takes("after", 0.1)};
  const auto found = small.seen([](const Result& r) {
    const auto& request = r.applications[0].requests[0];
    return std::vector{double(request.ended_by), double(request.blocked),
                       double(r.applications[0].stages[2].times.size())};
  });
  EXPECT_EQ(found, (std::vector<double>{1, 0, 0}));
}

// Everything at once, under load: what stages sent is what the pools got, and requests' times are their waits.
TEST(Application, NothingIsLostUnderLoad) {
  Case all;
  all.application.requests = {.per_second = 20, .count = 600};
  all.application.requests.prompt = {.kind = workload::LengthKind::log_normal, .tokens = 200};
  all.application.requests.output = {.kind = workload::LengthKind::log_normal, .tokens = 60, .maximum = 500};
  all.application.requests.session =
      workload::Session{.turns = {.kind = workload::LengthKind::uniform, .tokens = 4}, .wait = Seconds(1)};
  auto embed = served("embed", "encoder", Reads::query);
  embed.beside = true;
  auto guard = served("guard", "writer", Reads::query);
  guard.instructions = 100;
  guard.output = fixed(2);
  guard.blocks = 0.1;
  auto tool = takes("tool", 0.3, 8);
  tool.service->coefficient_of_variation = 1;
  tool.adds = workload::LengthSpecification{.kind = workload::LengthKind::log_normal, .tokens = 100};
  tool.back_to = "think";
  tool.rounds = workload::LengthSpecification{.kind = workload::LengthKind::uniform, .tokens = 5};
  all.application.stages = {guard, embed, served("think", "writer"), tool};
  const auto found = all.seen([](const Result& r) {
    const auto& application = r.applications[0];
    double wrong = 0;
    for (std::size_t i = 0; i < application.requests.size(); ++i) {
      const auto first = application.waited.begin() + static_cast<std::ptrdiff_t>(4 * i);
      wrong = std::max(wrong, std::abs(std::accumulate(first, first + 4, 0.0) - total(application.requests[i])));
    }
    std::vector<double> numbers{double(application.requests.size()), wrong};
    for (std::size_t pool = 0; pool < 2; ++pool) {
      double calls = 0, prompts = 0;
      for (const std::size_t stage : pool == 0 ? std::vector<std::size_t>{0, 2} : std::vector<std::size_t>{1}) {
        calls += double(application.stages[stage].calls);
        prompts += application.stages[stage].prompt_tokens;
      }
      for (const auto& request : r.serving[pool].requests) prompts -= request.prompt;
      numbers.insert(numbers.end(), {calls - double(r.serving[pool].requests.size()), prompts});
    }
    return numbers;
  });
  EXPECT_EQ(found[0], 600);
  EXPECT_LT(found[1], 1e-9);
  for (std::size_t i = 2; i < 6; ++i) EXPECT_EQ(found[i], 0);
}

/// Texts of 512 tokens, all at once.
Case encoding(std::int64_t count) {
  Case texts;
  texts.application.stages = {takes("nothing", 0)};
  texts.encoder.requests.arrivals = workload::ArrivalKind::at_once;
  texts.encoder.requests.count = count;
  texts.encoder.requests.prompt = {.tokens = 512};
  return texts;
}

// Texts are read whole, in one pass each, as many at a time as the token budget holds; nothing is kept of them.
TEST(Encoder, ReadsAsManyTextsAtOnceAsTheBudgetHolds) {
  Case texts = encoding(64);
  const auto counts = [](const Result& r) {
    const auto& pool = r.serving[1].pool;
    return std::vector{pool.steps, pool.read_tokens, pool.decoded_tokens, pool.busy_seconds};
  };
  const auto together = texts.seen(counts);
  EXPECT_EQ(together[0], 64.0 * 512 / 8192);
  EXPECT_EQ(together[1], 64.0 * 512);
  EXPECT_EQ(together[2], 0);
  texts.encoder.token_budget = 512;
  const auto one_by_one = texts.seen(counts);
  EXPECT_EQ(one_by_one[0], 64);
  EXPECT_GT(one_by_one[3], together[3]);
  texts.encoder.requests.prompt = {.tokens = 2000};  // more than the budget, and never cut
  EXPECT_EQ(texts.seen(counts)[0], 64);
}

// The products of 24 layers are 604 MFLOP a token: no H100 does 8,192 of them in less than its peak allows.
TEST(Encoder, TakesNoLessThanItsArithmetic) {
  Case texts = encoding(16);
  const double time = texts.seen([](const Result& r) { return std::vector{r.serving[1].pool.busy_seconds}; })[0];
  const double flops = 8192.0 * 24 * 2 * (4 * 1024.0 * 1024 + 2 * 1024.0 * 4096) + 24 * 16 * 4 * 512.0 * 512 * 1024;
  EXPECT_GT(time, flops / 989e12);
  EXPECT_LT(time, 4.5 * flops / 989e12);
}

// A decoder as embedder reads a prompt and writes nothing: the same pass without the head.
TEST(Encoder, MayBeADecoder) {
  Case texts = encoding(1);
  texts.encoder.requests.output = {.tokens = 1};
  texts.encoder.model = model("GPT3-1.3B");
  const auto busy = [](const Result& r) { return std::vector{r.serving[1].pool.busy_seconds}; };
  const double writing = texts.seen(busy)[0];
  texts.encoder.pools = true;
  const double pooling = texts.seen(busy)[0];
  EXPECT_LT(pooling, writing);
  EXPECT_GT(pooling, 0.9 * writing);
}

}  // namespace
}  // namespace plenum::datacenter
