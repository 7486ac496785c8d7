// Steps of reinforcement learning that others published.
#pragma once

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

TableKind reinforcement_table();

}  // namespace plenum::analysis
