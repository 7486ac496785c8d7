// What a row of the serving table describes, as a scenario.
#pragma once

#include "analysis/validation/row_cells.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// The profile's name: engine and generation.
std::string serving_engine(const RowCells&);

/// Throws Unsupported with the reason where a row describes nothing that can be simulated.
scenario::Scenario serving_scenario(const RowCells&);

}  // namespace plenum::analysis
