// What "maximum" takes away from drawn lengths.
#pragma once

#include "workloads/serving/lengths.hpp"

namespace plenum::workload {

struct LengthCut {
  double share = 0;                      ///< of the draws that are longer
  double mean = 0, mean_as_written = 0;  ///< tokens, with and without it
};

LengthCut cut_by_maximum(const LengthSpecification&);

}  // namespace plenum::workload
