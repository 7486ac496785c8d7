#include <algorithm>
#include <array>

#include "workloads/training/schedule.hpp"

namespace plenum::workload {
namespace {

/// The passes of one rank; those of micro-batches beyond the last are left out.
class Passes {
 public:
  explicit Passes(std::int64_t micro_batches) : micro_batches_(micro_batches) {}

  void add(Pass pass, std::int32_t chunk) {
    const std::int32_t next = counts_[static_cast<std::size_t>(pass)][static_cast<std::size_t>(chunk)]++;
    if (next < micro_batches_) items_.push_back({pass, chunk, next});
  }
  void backward_with_weights(std::int32_t chunk) {
    add(Pass::backward, chunk);
    add(Pass::weights, chunk);
  }
  std::int64_t count(Pass pass, std::int32_t chunk) const {
    return counts_[static_cast<std::size_t>(pass)][static_cast<std::size_t>(chunk)];
  }
  std::vector<ScheduleItem> finish() {
    for (const std::int32_t chunk : {1, 0})
      while (count(Pass::weights, chunk) < count(Pass::backward, chunk)) add(Pass::weights, chunk);
    return std::move(items_);
  }

 private:
  std::int64_t micro_batches_;
  std::array<std::array<std::int32_t, 2>, 3> counts_{};
  std::vector<ScheduleItem> items_;
};

void warm_up(Passes& passes, std::int64_t ranks, std::int64_t rank) {
  for (std::int64_t i = 0; i < 2 * (ranks - rank) - 1; ++i) passes.add(Pass::forward, 0);
  for (std::int64_t i = 0; i < rank; ++i) {
    passes.add(Pass::forward, 1);
    passes.add(Pass::forward, 0);
  }
  for (std::int64_t i = rank; i < ranks; ++i) {
    passes.add(Pass::forward, 1);
    passes.backward_with_weights(1);
  }
}

void cool_down(Passes& passes, std::int64_t ranks, std::int64_t rank) {
  for (std::int64_t i = 0; i < rank; ++i) {
    passes.add(Pass::backward, 0);
    passes.add(Pass::backward, 1);
  }
  for (std::int64_t i = rank; i < ranks; ++i) passes.backward_with_weights(0);
}

}  // namespace

std::vector<ScheduleItem> zb_v(std::int64_t pipeline_parallel, std::int64_t micro_batches, std::int64_t rank) {
  const std::int64_t filling = std::max(2 * pipeline_parallel - 1, micro_batches);
  Passes passes(micro_batches);
  warm_up(passes, pipeline_parallel, rank);
  const auto forwards = [&](std::int32_t chunk) { return passes.count(Pass::forward, chunk); };
  while (forwards(1) < forwards(0) || forwards(0) < filling) {
    if (forwards(0) < filling) passes.add(Pass::forward, 0);
    passes.backward_with_weights(0);
    passes.add(Pass::forward, 1);
    passes.backward_with_weights(1);
  }
  cool_down(passes, pipeline_parallel, rank);
  return passes.finish();
}

}  // namespace plenum::workload
