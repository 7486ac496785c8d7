// Drawn requests: rates, variation and lengths within what their laws allow.
#include "workloads/serving/request_specification.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <set>

namespace plenum::workload {
namespace {

constexpr std::int64_t many = 40000;

std::vector<Request> drawn(const RequestSpecification& specification, std::uint64_t seed = 1) {
  Issues issues;
  const auto stream = make_requests(specification, seed, "", issues);
  std::vector<Request> requests;
  while (auto request = stream->next()) requests.push_back(*request);
  return requests;
}

/// Mean and coefficient of variation of the times between arrivals.
std::pair<double, double> gaps(const std::vector<Request>& requests) {
  double sum = 0, squares = 0, last = 0;
  for (const auto& request : requests) {
    const double gap = request.arrival.value() - last;
    last = request.arrival.value();
    sum += gap;
    squares += gap * gap;
  }
  const auto n = static_cast<double>(requests.size());
  const double mean = sum / n;
  return {mean, std::sqrt(squares / n - mean * mean) / mean};
}

class Arrivals : public testing::TestWithParam<std::pair<ArrivalKind, double>> {};

// The mean of n gaps deviates by variation / sqrt(n); four of these are never exceeded by chance in practice.
TEST_P(Arrivals, HaveTheirRateAndVariation) {
  const auto [kind, variation] = GetParam();
  const auto [mean, measured] =
      gaps(drawn({.per_second = 8, .arrivals = kind, .coefficient_of_variation = variation, .count = many}));
  EXPECT_NEAR(mean * 8, 1, 4 * std::max(variation, 0.001) / std::sqrt(double(many)));
  EXPECT_NEAR(measured, variation, 0.05 * std::max(1.0, variation * variation));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Arrivals,
                         testing::Values(std::pair(ArrivalKind::poisson, 1.0), std::pair(ArrivalKind::gamma, 0.5),
                                         std::pair(ArrivalKind::gamma, 2.0), std::pair(ArrivalKind::constant, 0.0)));

TEST(Lengths, FollowTheirDistribution) {
  RequestSpecification specification{.per_second = 1, .count = many};
  specification.prompt = {.kind = LengthKind::uniform, .tokens = 1000, .minimum = 800};
  specification.output = {.kind = LengthKind::log_normal, .tokens = 200, .coefficient_of_variation = 0.5};
  double prompts = 0, outputs = 0;
  for (const auto& request : drawn(specification)) {
    EXPECT_GE(request.prompt, 800);
    EXPECT_LE(request.prompt, 1000);
    prompts += request.prompt;
    outputs += request.output;
  }
  EXPECT_NEAR(prompts / many, 900, 4 * 58 / std::sqrt(double(many)));
  EXPECT_NEAR(outputs / many, 200, 4 * 100 / std::sqrt(double(many)));
}

TEST(Requests, StayAtTheirEnd) {
  Issues issues;
  const auto stream = make_requests({.concurrency = 2, .count = 1}, 1, "", issues);
  EXPECT_TRUE(stream->next());
  EXPECT_FALSE(stream->next());
  EXPECT_FALSE(stream->next());
}

TEST(Requests, DependOnTheSeedAlone) {
  const RequestSpecification specification{.per_second = 3, .count = 50};
  EXPECT_EQ(drawn(specification, 7).back().arrival, drawn(specification, 7).back().arrival);
  EXPECT_NE(drawn(specification, 7).back().arrival, drawn(specification, 8).back().arrival);
}

TEST(Requests, ContradictionsAreFound) {
  EXPECT_EQ(check({.per_second = 1}).front().first, "/count");
  EXPECT_EQ(check({.per_second = 1, .concurrency = 2, .count = 5}).front().first, "/concurrency");
  EXPECT_EQ(check({.count = 5}).size(), 1u);
  EXPECT_TRUE(check({.concurrency = 2, .count = 5}).empty());
  EXPECT_TRUE(check({.concurrency = 2, .barrier_after = 4, .count = 9}).empty());
  EXPECT_EQ(check({.per_second = 1, .barrier_after = 4, .count = 9}).front().first, "/barrier_after");
  EXPECT_EQ(check({.concurrency = 2, .barrier_after = 9, .count = 9}).front().first, "/barrier_after");
  EXPECT_EQ(check({.concurrency = 2, .barrier_after = 4, .count = 9, .session = Session{}}).front().first,
            "/barrier_after");
}

// Over whole periods both kinds have the mean rate; 5 standard deviations of a Poisson count.
TEST(Arrivals, OnOffComesInItsShareOfThePeriodOnly) {
  const auto requests = drawn(
      {.per_second = 40, .arrivals = ArrivalKind::on_off, .period = Seconds(10), .on_share = 0.25, .count = many});
  for (const auto& request : requests) EXPECT_LE(std::fmod(request.arrival.value(), 10), 2.5 + 1e-6);
  EXPECT_NEAR(many / requests.back().arrival.value(), 40, 5 * 40 / std::sqrt(many));
}

TEST(Arrivals, DiurnalSwings) {
  const auto requests =
      drawn({.per_second = 40, .arrivals = ArrivalKind::diurnal, .period = Seconds(100), .swing = 0.8, .count = many});
  double first_half = 0;
  for (const auto& request : requests) first_half += std::fmod(request.arrival.value(), 100) < 50;
  // The sinusoid's first half has 1/2 + swing / pi of all.
  EXPECT_NEAR(first_half / many, 0.5 + 0.8 / std::numbers::pi, 5 * 0.5 / std::sqrt(many));
}

TEST(Sessions, EveryPromptHoldsWhatWasSaid) {
  RequestSpecification specification{.per_second = 1, .count = 6, .prompt = {.tokens = 600}, .output = {.tokens = 500}};
  specification.session = Session{.turns = {.tokens = 3}, .wait = Seconds(5)};
  specification.shared_prefix = SharedPrefix{.tokens = 1024, .count = 1};
  const auto sessions = drawn(specification);
  ASSERT_EQ(sessions.size(), 2u);
  const Request& first = sessions[0];
  ASSERT_TRUE(first.then && first.then->request.then);
  EXPECT_FALSE(first.then->request.then->request.then);
  const Request& second = first.then->request;
  EXPECT_EQ(first.prompt, 1024 + 600);
  EXPECT_EQ(second.prompt, 1024 + 600 + 500 + 600);
  const auto& before = first.prefix->ids;
  EXPECT_TRUE(std::equal(before.begin(), before.end(), second.prefix->ids.begin()));
  EXPECT_EQ(first.prefix->ids[1], sessions[1].prefix->ids[1]);  // shared by all
  EXPECT_NE(first.prefix->ids[2], sessions[1].prefix->ids[2]);
}

// 100 draws of 100 find 63 different ones on average, give or take 3.
TEST(SharedPrefixes, AreDrawnForEveryRequest) {
  RequestSpecification specification{.concurrency = 1, .count = 100, .prompt = {.tokens = 16}};
  specification.shared_prefix = SharedPrefix{.tokens = 1024, .count = 100};
  std::set<std::uint64_t> prefixes;
  for (const auto& request : drawn(specification)) prefixes.insert(request.prefix->ids.front());
  EXPECT_NEAR(double(prefixes.size()), 63, 12);
}

TEST(ListsOfLengths, ComeAtDrawnTimes) {
  RequestSpecification specification{.per_second = 2, .arrivals = ArrivalKind::constant, .count = 3};
  specification.file = "workloads/catalogue/requests/mooncake_conversation.jsonl.zst";
  Issues issues;
  const auto stream = make_requests(specification, 1, PLENUM_REPOSITORY_ROOT, issues);
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->next()->arrival.value(), 0.5);
  EXPECT_EQ(stream->next()->prompt, 7322);
}

}  // namespace
}  // namespace plenum::workload
