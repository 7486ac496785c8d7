// Schedules against their closed forms, by running all ranks; messages take no time.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "workloads/training/schedule.hpp"

namespace plenum::workload {
namespace {

struct Times {
  double forward, backward, weights;  ///< of a pass; backward without weights where they are apart
  double of(Pass pass) const { return pass == Pass::forward ? forward : pass == Pass::backward ? backward : weights; }
};

/// When the last rank is done, one chunk per rank; -1 when they wait for ever.
double step_of(PipelineSchedule schedule, std::int64_t ranks, std::int64_t micro_batches, const Times& times) {
  std::vector<std::vector<ScheduleItem>> items;
  for (std::int64_t rank = 0; rank < ranks; ++rank)
    items.push_back(pipeline_schedule(schedule, ranks, 1, micro_batches, rank));
  std::map<std::tuple<Pass, std::size_t, std::int32_t>, double> done;
  std::vector<double> clock(items.size());
  std::vector<std::size_t> next(items.size());
  const auto ready = [&](std::size_t rank, const ScheduleItem& item) -> std::optional<double> {
    const auto time_of = [&](Pass pass, std::size_t of) -> std::optional<double> {
      const auto found = done.find({pass, of, item.micro_batch});
      return found == done.end() ? std::nullopt : std::optional(found->second);
    };
    if (item.pass == Pass::forward) return rank == 0 ? 0.0 : time_of(Pass::forward, rank - 1);
    if (item.pass == Pass::weights) return time_of(Pass::backward, rank);
    return rank + 1 == items.size() ? time_of(Pass::forward, rank) : time_of(Pass::backward, rank + 1);
  };
  for (bool progress = true; progress;) {
    progress = false;
    for (std::size_t rank = 0; rank < items.size(); ++rank)
      for (; next[rank] < items[rank].size(); ++next[rank], progress = true) {
        const auto& item = items[rank][next[rank]];
        const auto at = ready(rank, item);
        if (!at) break;
        clock[rank] = std::max(clock[rank], *at) + times.of(item.pass);
        done[{item.pass, rank, item.micro_batch}] = clock[rank];
      }
  }
  for (std::size_t rank = 0; rank < items.size(); ++rank)
    if (next[rank] < items[rank].size()) return -1;
  return std::ranges::max(clock);
}

std::int64_t most_held(PipelineSchedule schedule, std::int64_t ranks, std::int64_t micro_batches, std::int64_t rank) {
  std::int64_t held = 0, most = 0;
  const Pass releases = splits_backward(schedule) ? Pass::weights : Pass::backward;
  for (const auto& item : pipeline_schedule(schedule, ranks, 1, micro_batches, rank)) {
    held += item.pass == Pass::forward ? 1 : item.pass == releases ? -1 : 0;
    most = std::max(most, held);
  }
  return most;
}

/// Huang 2019: m micro-batches and the filling and emptying of the pipeline.
TEST(GPipe, HasTheBubbleOfItsClosedForm) {
  for (const std::int64_t p : {1, 2, 4, 8})
    for (const std::int64_t m : {1, 4, 16})
      EXPECT_DOUBLE_EQ(step_of(PipelineSchedule::gpipe, p, m, {1, 2, 0}), static_cast<double>(3 * (m + p - 1)));
}

TEST(GPipe, HoldsEveryMicroBatch) { EXPECT_EQ(most_held(PipelineSchedule::gpipe, 4, 16, 2), 16); }

/// arXiv 2401.10241, table 2: the bubble of ZB-H1 is (p - 1)(F + B - W), that of 1F1B (p - 1)(F + B + W).
TEST(ZeroBubble, HasTheBubbleOfItsClosedForm) {
  for (const Times& t : {Times{1, 1, 1}, Times{1, 1.1, 0.8}})
    for (const std::int64_t p : {2, 4, 8, 16})
      for (const std::int64_t m : {p, 2 * p, 4 * p}) {
        const double work = static_cast<double>(m) * (t.forward + t.backward + t.weights);
        EXPECT_NEAR(step_of(PipelineSchedule::zero_bubble, p, m, t),
                    work + static_cast<double>(p - 1) * (t.forward + t.backward - t.weights), 1e-9);
        EXPECT_NEAR(step_of(PipelineSchedule::one_f_one_b, p, m, {t.forward, t.backward + t.weights, 0}),
                    work + static_cast<double>(p - 1) * (t.forward + t.backward + t.weights), 1e-9);
      }
}

TEST(ZeroBubble, HoldsNoMoreThanTheFirstRankOf1F1B) {
  for (std::int64_t rank = 0; rank < 8; ++rank) EXPECT_EQ(most_held(PipelineSchedule::zero_bubble, 8, 32, rank), 8);
}

TEST(ZeroBubble, RunsEveryPassOnceWithFewMicroBatches) {
  for (const std::int64_t m : {1, 2, 3}) {
    EXPECT_EQ(pipeline_schedule(PipelineSchedule::zero_bubble, 6, 1, m, 3).size(), static_cast<std::size_t>(3 * m));
    EXPECT_GT(step_of(PipelineSchedule::zero_bubble, 6, m, {1, 1, 1}), 0);
  }
}

}  // namespace
}  // namespace plenum::workload
