// Which generation of training software ran a row: the one thing besides GPU and precision that a prediction may depend
// on.
#pragma once

#include "analysis/validation/row_cells.hpp"

namespace plenum::analysis {

enum class SoftwareGeneration {
  early,  ///< to 2022: FP16 mixed precision, attention through memory, dropout, replicated optimizer, nothing
          ///< overlapped
  modern  ///< since: bf16 and below, fused attention, distributed optimizer, communication overlapped
};

/// FP16 as training precision marks the early generation: frameworks changed to bf16 when they adopted the rest.
SoftwareGeneration software_generation(const RowCells&);

}  // namespace plenum::analysis
