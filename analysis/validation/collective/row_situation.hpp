// A row of a table of measured collectives as what the model is asked: who, over which links, what, how much.
#pragma once

#include <optional>

#include "analysis/validation/row_cells.hpp"
#include "calibration/collectives/fit.hpp"
#include "topologies/specification.hpp"

namespace plenum::analysis {

/// Throws Unsupported: a GPU that is not modelled, an operation that is unknown, missing numbers. `measured` is zero
/// where the row has no time.
calibration::CollectiveSample sample_of(const RowCells&);

/// The cluster of a row: its nodes, NICs and a fabric without oversubscription.
topology::ClusterSpecification cluster_of_collective(const RowCells&);

}  // namespace plenum::analysis
