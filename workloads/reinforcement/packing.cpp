#include "workloads/reinforcement/packing.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>

namespace plenum::workload {
namespace {

constexpr std::int64_t divided_up(std::int64_t amount, std::int64_t by) { return (amount + by - 1) / by; }
constexpr std::int64_t rounded_up(std::int64_t amount, std::int64_t to) { return divided_up(amount, to) * to; }

/// What the lengths of sequences must be multiples of.
std::int64_t length_unit(const TrainingPlan& plan) {
  const std::int64_t context = plan.context_parallel > 1 ? 2 * plan.context_parallel : 1;
  return plan.sequence_parallel ? context * plan.tensor_parallel : context;
}

/// Schedules have rules of their own for the number of micro-batches; some are then less full.
std::int64_t allowed_micro_batches(const TrainingPlan& plan, std::int64_t fewest) {
  if (is_v_shaped(plan.schedule)) return std::max(fewest, 2 * plan.pipeline_parallel);
  return plan.virtual_stages > 1 ? rounded_up(fewest, plan.pipeline_parallel) : fewest;
}

}  // namespace

std::int64_t bins_of(std::vector<std::int32_t> lengths, std::int64_t capacity) {
  std::ranges::sort(lengths, std::greater());
  std::multiset<std::int64_t> room;
  for (const std::int64_t length : lengths) {
    const auto bin = room.lower_bound(length);
    const std::int64_t left = (bin == room.end() ? capacity : *bin) - length;
    if (bin != room.end()) room.erase(bin);
    room.insert(left);
  }
  return static_cast<std::int64_t>(room.size());
}

TrainingPlan packed(const TrainingPlan& plan, std::span<const Sample> samples) {
  std::vector<std::int32_t> lengths;
  double tokens = 0, scores = 0;
  for (const Sample& sample : samples) {
    const double length = sample.tokens();
    lengths.push_back(sample.tokens());
    tokens += length;
    scores += length * length;
  }
  const std::int64_t bins = bins_of(std::move(lengths), plan.micro_batch * plan.sequence_length);
  const std::int64_t micro_batches = allowed_micro_batches(plan, divided_up(bins, plan.data_parallel));
  const double each = tokens / static_cast<double>(plan.data_parallel * micro_batches);
  TrainingPlan equal = plan;
  equal.micro_batch = std::max<std::int64_t>(1, std::llround(each / (scores / tokens)));
  const auto length = std::llround(std::ceil(each / static_cast<double>(equal.micro_batch)));
  equal.sequence_length = rounded_up(std::max<std::int64_t>(1, length), length_unit(plan));
  equal.global_batch = equal.micro_batch * plan.data_parallel * micro_batches;
  return equal;
}

}  // namespace plenum::workload
