// Times of one transformer layer's passes and memory per GPU, as Korthikanti 2022 published them for A100.
#pragma once

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

TableKind layer_table();

}  // namespace plenum::analysis
