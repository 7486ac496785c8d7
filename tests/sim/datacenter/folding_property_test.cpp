// The theorem that makes Plenum fast: a folded simulation gives the same times as the unfolded one.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>

#include "fork.hpp"
#include "sim/datacenter/random_scenario.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::datacenter {
namespace {

/// What a rank's communication parts hold beyond the kinds of collectives that they are divided into.
double undivided(const RankClass& ranks) {
  double rest = 0;
  for (std::size_t p = 0; p < communication_parts; ++p) {
    Seconds part = ranks.parts[first_communication + p];
    for (const Seconds kind : ranks.exposed[p]) part -= kind;
    rest = std::max(rest, std::abs(part.value()));
  }
  return rest;
}

/// Everything that a planner would look at: steps, the time of every rank by part, how long the busiest link was in
/// use; last, the largest undivided rest of a rank.
std::vector<double> observe(const scenario::Bound& bound, bool fold) {
  const Result result = simulate(bound, {.fold = fold});
  std::vector<double> numbers;
  double rest = 0;
  for (const TrainingResult& job : result.training) {
    numbers.push_back(job.step.value());
    Breakdown total{};
    for (const RankClass& ranks : job.ranks) {
      rest = std::max(rest, undivided(ranks));
      for (std::size_t p = 0; p < part_count; ++p) total[p] += ranks.parts[p] * static_cast<double>(ranks.members);
    }
    for (const Seconds part : total) numbers.push_back(part.value() / static_cast<double>(result.ranks_unfolded));
  }
  const double busiest = result.busiest.empty() ? 0 : result.busiest.front().utilization;
  numbers.push_back(busiest * numbers.front());
  numbers.push_back(rest);
  return numbers;
}

TEST(FoldingProperty, FoldedEqualsUnfoldedOnRandomClustersAndJobs) {
  setenv("RC_PARAMS", "max_success=2000", 0);
  const bool holds = rc::check("folded = unfolded", [] {
    const auto bound = test::random_scenario();
    const auto folded = test::in_child([&] { return observe(*bound, true); });
    const auto whole = test::in_child([&] { return observe(*bound, false); });
    RC_ASSERT(folded.size() == whole.size());
    const double scale = whole.front();  // parts are compared on the scale of the step
    RC_ASSERT(folded.back() <= 1e-9 * scale);
    for (std::size_t i = 0; i < whole.size(); ++i) RC_ASSERT(std::abs(folded[i] - whole[i]) <= 1e-9 * scale);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace plenum::datacenter
