// Table of published online serving runs: time to first token and between tokens against the request rate, which shows
// the rate at which latency explodes. Columns: analysis/measurements/README.md.
#pragma once

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

TableKind serving_online_table();

}  // namespace plenum::analysis
