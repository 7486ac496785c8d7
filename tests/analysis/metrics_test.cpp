#include "analysis/metrics.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

namespace plenum::analysis {
namespace {

double sum(const datacenter::Breakdown& parts) {
  double total = 0;
  for (const auto part : parts) total += part.value();
  return total;
}

/// Ranks whose parts sum to `step` each: random parts, the last one takes what is left.
std::vector<datacenter::RankClass> ranks_of(double step) {
  const auto classes = *rc::gen::inRange(1, 6);
  std::vector<datacenter::RankClass> ranks(static_cast<std::size_t>(classes));
  for (auto& rank : ranks) {
    rank.members = *rc::gen::inRange(1, 20000);
    double left = step;
    for (std::size_t part = 0; part + 1 < rank.parts.size(); ++part) {
      const double taken = left * *rc::gen::inRange(0, 100) / 100.0;
      rank.parts[part] = Seconds(taken);
      left -= taken;
    }
    rank.parts.back() = Seconds(left);
  }
  return ranks;
}

TEST(MeanBreakdown, SumsToTheStep) {
  const bool holds = rc::check("mean over ranks sums to the step", [] {
    const double step = *rc::gen::inRange(1, 100000) / 1000.0;
    const auto ranks = ranks_of(step);
    // Every one of the additions and divisions rounds once.
    const double roundings = static_cast<double>(datacenter::part_count * (ranks.size() + 2) * 2);
    const double tolerance = step * roundings * std::numeric_limits<double>::epsilon();
    RC_ASSERT(std::abs(sum(mean_breakdown(ranks)) - step) <= tolerance);
  });
  EXPECT_TRUE(holds);
}

TEST(MeanBreakdown, ClassesWeighAsManyAsTheyStandFor) {
  datacenter::RankClass many{.representative = 0, .members = 3, .stage = 0, .parts = {}, .timeline = {}};
  datacenter::RankClass one = many;
  one.members = 1;
  many.parts[0] = Seconds(2);
  one.parts[0] = Seconds(6);
  EXPECT_DOUBLE_EQ(mean_breakdown({many, one})[0].value(), 3.0);  // (3 x 2 + 6) / 4
}

}  // namespace
}  // namespace plenum::analysis
