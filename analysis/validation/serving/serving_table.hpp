// Table of published serving runs: time to first token and time per output token at a concurrency, aggregated or with
// prefill and decode apart. Columns: analysis/measurements/README.md.
#pragma once

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

TableKind serving_table();

}  // namespace plenum::analysis
