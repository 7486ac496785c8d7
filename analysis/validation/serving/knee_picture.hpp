// Where latency explodes: simulated curves against the request rate, with the measured points.
#pragma once

#include <string>

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

/// SVG of a serving-online table: one chart per quantity, one colour per model and lengths, lines predicted, dots
/// measured. Rows without a finite rate are left out. Empty for a table whose rows have no rate.
std::string knee_picture(const Validation&);

}  // namespace plenum::analysis
