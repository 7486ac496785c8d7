// Samples of different lengths packed into micro-batches, as training frameworks do it: without padding, each sample
// attending to itself alone.
#pragma once

#include <span>

#include "workloads/reinforcement/samples.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// Bins of `capacity` tokens that hold the lengths, longest first into the fullest bin that has room (best fit
/// decreasing: at most 11/9 of the fewest possible and 4 more, Johnson 1974). No length exceeds the capacity.
std::int64_t bins_of(std::vector<std::int32_t> lengths, std::int64_t capacity);

/// The plan of a step over these samples: micro-batches of at most micro_batch x sequence_length tokens, equally many
/// and equally full on every data-parallel rank. Its sequences are all alike and stand for the samples: they have as
/// many tokens, and as many scores of attention, sum(l^2), which makes them sum(l^2) / sum(l) long, up to rounding.
TrainingPlan packed(const TrainingPlan&, std::span<const Sample>);

}  // namespace plenum::workload
