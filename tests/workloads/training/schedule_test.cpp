#include "workloads/training/schedule.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace plenum::workload {
namespace {

/// Runs all ranks of a pipeline: a forward pass takes `forward`, a backward pass `backward`, a message no time.
class Pipeline {
 public:
  Pipeline(std::int64_t stages, std::int64_t chunks, std::int64_t micro_batches) : stages_(stages), chunks_(chunks) {
    for (std::int64_t rank = 0; rank < stages; ++rank)
      schedules_.push_back(one_f_one_b(stages, chunks, micro_batches, rank));
  }

  /// When the last rank is done, or nothing when the ranks wait for one another for ever.
  std::optional<std::int64_t> run(std::int64_t forward, std::int64_t backward) {
    std::vector<std::size_t> next(schedules_.size());
    std::vector<std::int64_t> clock(schedules_.size());
    for (bool progress = true; progress;) {
      progress = false;
      for (std::size_t rank = 0; rank < schedules_.size(); ++rank)
        while (next[rank] < schedules_[rank].size()) {
          const ScheduleItem item = schedules_[rank][next[rank]];
          const auto ready = ready_at(item, static_cast<std::int64_t>(rank));
          if (!ready) break;
          clock[rank] = std::max(clock[rank], *ready) + (item.pass == Pass::forward ? forward : backward);
          done_[key(item, static_cast<std::int64_t>(rank))] = clock[rank];
          ++next[rank];
          progress = true;
        }
    }
    for (std::size_t rank = 0; rank < schedules_.size(); ++rank)
      if (next[rank] < schedules_[rank].size()) return std::nullopt;
    return *std::max_element(clock.begin(), clock.end());
  }

 private:
  using Key = std::tuple<Pass, std::int64_t, std::int64_t>;  // pass, position along the model, micro-batch

  Key key(const ScheduleItem& item, std::int64_t rank) const {
    return {item.pass, item.chunk * stages_ + rank, item.micro_batch};
  }

  std::optional<std::int64_t> ready_at(const ScheduleItem& item, std::int64_t rank) const {
    const auto [pass, position, micro_batch] = key(item, rank);
    const std::int64_t last = stages_ * chunks_ - 1;
    if (pass == Pass::forward) return position == 0 ? 0 : time_of({Pass::forward, position - 1, micro_batch});
    if (position == last) return time_of({Pass::forward, last, micro_batch});
    const auto own = time_of({Pass::forward, position, micro_batch});
    const auto gradient = time_of({Pass::backward, position + 1, micro_batch});
    if (!own || !gradient) return std::nullopt;
    return std::max(*own, *gradient);
  }

  std::optional<std::int64_t> time_of(const Key& wanted) const {
    const auto found = done_.find(wanted);
    return found == done_.end() ? std::nullopt : std::optional(found->second);
  }

  std::int64_t stages_, chunks_;
  std::vector<std::vector<ScheduleItem>> schedules_;
  std::map<Key, std::int64_t> done_;
};

struct Shape {
  std::int64_t stages, chunks, micro_batches;
};

Shape random_shape() {
  Shape shape{};
  shape.stages = *rc::gen::inRange<std::int64_t>(1, 9);
  shape.chunks = shape.stages == 1 ? 1 : *rc::gen::inRange<std::int64_t>(1, 5);
  shape.micro_batches = *rc::gen::inRange<std::int64_t>(1, 7) * (shape.chunks > 1 ? shape.stages : 1);
  return shape;
}

TEST(Schedule, RunsEveryPassOnceAndForwardBeforeBackward) {
  EXPECT_TRUE(rc::check([] {
    const Shape shape = random_shape();
    const auto rank = *rc::gen::inRange<std::int64_t>(0, shape.stages);
    const auto items = one_f_one_b(shape.stages, shape.chunks, shape.micro_batches, rank);
    RC_ASSERT(static_cast<std::int64_t>(items.size()) == 2 * shape.chunks * shape.micro_batches);
    std::set<std::pair<int, int>> forwards, backwards;
    for (const ScheduleItem& item : items) {
      RC_ASSERT(item.chunk >= 0 && item.chunk < shape.chunks);
      RC_ASSERT(item.micro_batch >= 0 && item.micro_batch < shape.micro_batches);
      const std::pair which(item.chunk, item.micro_batch);
      if (item.pass == Pass::backward) RC_ASSERT(forwards.count(which) == 1u);
      RC_ASSERT((item.pass == Pass::forward ? forwards : backwards).insert(which).second);
    }
  }));
}

// The first micro-batch reaches the last rank after p - 1 chunk passes and its gradient comes back after as many; in
// between the last rank is never idle. So the step is (m v + p - 1)(forward + backward), with times of one chunk:
// a bubble of (p - 1) / (m v) of the ideal (Narayanan 2021, 2.2).
TEST(Schedule, BubbleIsWhatNarayananDerives) {
  EXPECT_TRUE(rc::check([] {
    const Shape shape = random_shape();
    const auto forward = *rc::gen::inRange<std::int64_t>(1, 4);
    const auto backward = *rc::gen::inRange<std::int64_t>(forward, 7);
    const auto total = Pipeline(shape.stages, shape.chunks, shape.micro_batches).run(forward, backward);
    RC_ASSERT(total.has_value());
    RC_ASSERT(*total == (shape.micro_batches * shape.chunks + shape.stages - 1) * (forward + backward));
  }));
}

TEST(Schedule, HoldsNoMoreMicroBatchesThanStagesBehind) {
  for (std::int64_t rank = 0; rank < 4; ++rank) {
    std::int64_t held = 0, most = 0;
    for (const auto& item : one_f_one_b(4, 1, 12, rank)) {
      held += item.pass == Pass::forward ? 1 : -1;
      most = std::max(most, held);
    }
    EXPECT_EQ(most, 4 - rank);
  }
}

// Megatron-LM's schedule table for pp 2, vpp 2, 4 micro-batches on rank 0: warm-up of 2 (2 - 0 - 1) + (2 - 1) 2 = 4.
TEST(Schedule, InterleavedOrderOfASmallExample) {
  std::string text;
  for (const auto& item : one_f_one_b(2, 2, 4, 0))
    text +=
        (item.pass == Pass::forward ? 'F' : 'B') + std::to_string(item.chunk) + std::to_string(item.micro_batch) + ' ';
  EXPECT_EQ(text, "F00 F01 F10 F11 F02 B10 F03 B11 F12 B00 F13 B01 B12 B13 B02 B03 ");
}

}  // namespace
}  // namespace plenum::workload
