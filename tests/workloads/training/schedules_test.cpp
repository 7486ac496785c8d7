// Schedules against their closed forms, by running all ranks; messages take no time.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "workloads/training/schedule.hpp"
#include "workloads/training/stage_layers.hpp"

namespace plenum::workload {
namespace {

struct Times {
  double forward, backward, weights;  ///< of a pass; backward without weights where they are apart
  double of(Pass pass) const { return pass == Pass::forward ? forward : pass == Pass::backward ? backward : weights; }
};

std::int64_t chunks_of(PipelineSchedule schedule) { return is_v_shaped(schedule) ? 2 : 1; }

/// Runs all ranks of a pipeline, each in the order of its schedule.
class Run {
 public:
  Run(PipelineSchedule schedule, std::int64_t ranks, std::int64_t micro_batches, const Times& times)
      : times_(times), last_(chunks_of(schedule) * ranks - 1), clock_(static_cast<std::size_t>(ranks)) {
    plan_.schedule = schedule;
    plan_.pipeline_parallel = ranks;
    plan_.virtual_stages = chunks_of(schedule);
    for (std::int64_t rank = 0; rank < ranks; ++rank)
      items_.push_back(pipeline_schedule(schedule, ranks, chunks_of(schedule), micro_batches, rank));
  }

  /// When the last rank is done; -1 when they wait for ever.
  double step() {
    std::vector<std::size_t> next(items_.size());
    for (bool progress = true; progress;) {
      progress = false;
      for (std::size_t rank = 0; rank < items_.size(); ++rank)
        for (; next[rank] < items_[rank].size() && run(rank, items_[rank][next[rank]]); ++next[rank]) progress = true;
    }
    for (std::size_t rank = 0; rank < items_.size(); ++rank)
      if (next[rank] < items_[rank].size()) return -1;
    return std::ranges::max(clock_);
  }

 private:
  bool run(std::size_t rank, const ScheduleItem& item) {
    const std::int64_t place = place_of(plan_, static_cast<std::int64_t>(rank), item.chunk);
    const auto at = ready(item, place);
    if (!at) return false;
    clock_[rank] = std::max(clock_[rank], *at) + times_.of(item.pass);
    done_[{item.pass, place, item.micro_batch}] = clock_[rank];
    return true;
  }

  std::optional<double> ready(const ScheduleItem& item, std::int64_t place) const {
    const auto time_of = [&](Pass pass, std::int64_t of) -> std::optional<double> {
      const auto found = done_.find({pass, of, item.micro_batch});
      return found == done_.end() ? std::nullopt : std::optional(found->second);
    };
    if (item.pass == Pass::forward) return place == 0 ? 0.0 : time_of(Pass::forward, place - 1);
    if (item.pass == Pass::weights) return time_of(Pass::backward, place);
    return place == last_ ? time_of(Pass::forward, place) : time_of(Pass::backward, place + 1);
  }

  Times times_;
  TrainingPlan plan_;
  std::int64_t last_;
  std::vector<std::vector<ScheduleItem>> items_;
  std::map<std::tuple<Pass, std::int64_t, std::int32_t>, double> done_;
  std::vector<double> clock_;
};

double step_of(PipelineSchedule schedule, std::int64_t ranks, std::int64_t micro_batches, const Times& times) {
  return Run(schedule, ranks, micro_batches, times).step();
}

std::int64_t most_held(PipelineSchedule schedule, std::int64_t ranks, std::int64_t micro_batches, std::int64_t rank) {
  std::int64_t held = 0, most = 0;
  const Pass releases = splits_backward(schedule) ? Pass::weights : Pass::backward;
  for (const auto& item : pipeline_schedule(schedule, ranks, chunks_of(schedule), micro_batches, rank)) {
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

/// Fewer micro-batches than fill the pipeline leave it as it is for the others.
TEST(ZbV, WaitsForTheFillingOfThePipelineOnly) {
  for (const std::int64_t p : {2, 3, 8, 16}) {
    for (const std::int64_t m : {2 * p - 1, 2 * p, 5 * p})
      EXPECT_DOUBLE_EQ(step_of(PipelineSchedule::zb_v, p, m, {1, 1, 1}), static_cast<double>(6 * m + p - 1));
    for (const std::int64_t m : {std::int64_t{1}, std::int64_t{2}, p}) {
      EXPECT_GE(step_of(PipelineSchedule::zb_v, p, m, {1, 1, 1}), static_cast<double>(6 * m + p - 1));
      EXPECT_EQ(pipeline_schedule(PipelineSchedule::zb_v, p, 2, m, p - 1).size(), static_cast<std::size_t>(6 * m));
    }
  }
}

/// As many as the first rank of 1F1B, whose chunks are twice as large (arXiv 2405.15362).
TEST(ZbV, HoldsTwoChunksForEveryRank) {
  for (std::int64_t rank = 0; rank < 8; ++rank) EXPECT_EQ(most_held(PipelineSchedule::zb_v, 8, 32, rank), 16);
}

TEST(DualPipeV, WaitsForTheFillingOfThePipelineOnly) {
  for (const std::int64_t p : {2, 3, 8, 16})
    for (const std::int64_t m : {2 * p, 5 * p}) {
      EXPECT_DOUBLE_EQ(step_of(PipelineSchedule::dualpipe_v, p, m, {1, 1, 1}), static_cast<double>(6 * m + p - 1));
      EXPECT_EQ(pipeline_schedule(PipelineSchedule::dualpipe_v, p, 2, m, p - 1).size(),
                static_cast<std::size_t>(6 * m));
    }
}

/// One more than there are stages (github.com/deepseek-ai/DualPipe, README: PP + 1, with two stages per device).
TEST(DualPipeV, HoldsOneChunkMoreThanThereAreStages) {
  for (std::int64_t rank = 0; rank < 8; ++rank) EXPECT_LE(most_held(PipelineSchedule::dualpipe_v, 8, 32, rank), 17);
  EXPECT_EQ(most_held(PipelineSchedule::dualpipe_v, 8, 32, 0), 17);
}

}  // namespace
}  // namespace plenum::workload
