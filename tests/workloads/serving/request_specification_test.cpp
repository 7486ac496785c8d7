// Drawn requests: rates, variation and lengths within what their laws allow.
#include "workloads/serving/request_specification.hpp"

#include <gtest/gtest.h>

#include <cmath>

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
}

}  // namespace
}  // namespace plenum::workload
