#include <array>
#include <deque>

#include "workloads/training/schedule.hpp"

namespace plenum::workload {
namespace {

/// The passes of one rank in the order in which they are asked for.
class Sequence {
 public:
  void forward(std::int32_t chunk) { add(Pass::forward, chunk); }
  void backward(std::int32_t chunk) {
    backward_inputs(chunk);
    weights();
  }
  /// Gradients of inputs alone; those of weights wait for weights().
  void backward_inputs(std::int32_t chunk) {
    add(Pass::backward, chunk);
    delayed_.push_back(items_.back());
  }
  void weights() {
    items_.push_back({Pass::weights, delayed_.front().chunk, delayed_.front().micro_batch});
    delayed_.pop_front();
  }
  std::vector<ScheduleItem> finish() {
    while (!delayed_.empty()) weights();
    return std::move(items_);
  }

 private:
  void add(Pass pass, std::int32_t chunk) {
    auto& next = next_[static_cast<std::size_t>(pass)][static_cast<std::size_t>(chunk)];
    items_.push_back({pass, chunk, next++});
  }

  std::vector<ScheduleItem> items_;
  std::deque<ScheduleItem> delayed_;
  std::array<std::array<std::int32_t, 2>, 2> next_{};
};

void drain(Sequence& sequence, std::int64_t rank) {
  const std::int64_t pairs = rank + 1, half = pairs / 2;
  for (std::int64_t i = 0; i < pairs; ++i) {
    const bool odd = rank % 2 == 1;
    const auto back = [&](std::int32_t chunk, bool late) {
      late ? sequence.backward_inputs(chunk) : sequence.backward(chunk);
    };
    back(1, odd ? i >= half : i > half);
    back(0, i >= half);
  }
}

}  // namespace

std::vector<ScheduleItem> dualpipe_v(std::int64_t pipeline_parallel, std::int64_t micro_batches, std::int64_t rank) {
  const std::int64_t behind = pipeline_parallel - rank - 1;
  const auto times = [](std::int64_t count, auto&& passes) {
    for (std::int64_t i = 0; i < count; ++i) passes();
  };
  Sequence sequence;
  times(2 * behind, [&] { sequence.forward(0); });
  times(rank + 1, [&] { sequence.forward(0), sequence.forward(1); });
  times(behind, [&] { sequence.backward_inputs(1), sequence.weights(), sequence.forward(1); });
  times(micro_batches - 2 * pipeline_parallel + rank + 1, [&] {
    sequence.forward(0), sequence.backward(1);
    sequence.forward(1), sequence.backward(0);
  });
  times(behind, [&] { sequence.backward(1), sequence.forward(1), sequence.backward(0); });
  drain(sequence, rank);
  times(behind, [&] { sequence.weights(), sequence.backward_inputs(0); });
  return sequence.finish();
}

}  // namespace plenum::workload
