#include "analysis/validation/training/software_generation.hpp"

namespace plenum::analysis {

SoftwareGeneration software_generation(const RowCells& row) {
  const bool half = row.mentions("precision", "fp16");
  return half ? SoftwareGeneration::early : SoftwareGeneration::modern;
}

}  // namespace plenum::analysis
