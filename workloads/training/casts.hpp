// Casts of operands in a layer's list of operations.
#pragma once

#include "workloads/training/rank_work.hpp"

namespace plenum::workload {

/// A cast in a kernel of its own; nothing in 16 bits.
void quantize(RankWork&, std::string_view name, std::int64_t elements);
/// The same after a norm: only when it is not part of that kernel.
void quantize_normed(RankWork&, std::string_view name, std::int64_t elements);

}  // namespace plenum::workload
