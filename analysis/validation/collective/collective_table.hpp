// Measured collectives, as nccl-tests prints them: each row simulated on the cluster that it names.
#pragma once

#include "analysis/validation/validation.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::analysis {

inline constexpr Bytes one_mebibyte{1 << 20};

/// `plenum validate collectives`: the columns of analysis/measurements/collectives_public.csv.zst.
TableKind collective_table();

}  // namespace plenum::analysis
