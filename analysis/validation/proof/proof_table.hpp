// `plenum validate proof`: real steps on one GPU, predicted from its microbenchmarks alone.
#pragma once

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

TableKind proof_table();

}  // namespace plenum::analysis
