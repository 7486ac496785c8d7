// Measured times of making one picture or video.
#pragma once

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

/// `plenum validate generation`: the columns of analysis/measurements/generation_public.csv.
TableKind generation_table();

}  // namespace plenum::analysis
