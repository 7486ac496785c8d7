// SimAI's workload text (HYBRID_TRANSFORMER_FWD_IN_BCKWD): a row per layer and micro-batch with the times of its
// forward pass, its input gradient and its weight gradient, and a collective behind each.
#pragma once

#include <optional>
#include <string_view>

#include "sim/core/issue.hpp"
#include "workloads/traces/trace.hpp"

namespace plenum::workload {

/// Runs as SimAI does: all rows forward, then all backward from the last to the first; collectives of forward and input
/// gradient are waited for, those of weight gradients only at the end. Tensor groups are neighbours, then come
/// data-parallel ranks, which experts divide, then pipeline stages. `ranks` 0: as many as the text says; else the
/// data-parallel groups shrink or grow. All issues with line and column.
std::optional<Trace> read_simai(std::string_view text, const std::string& file, std::int64_t ranks, Issues&);

}  // namespace plenum::workload
