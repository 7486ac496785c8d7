// Electrical power of nodes under training.
#pragma once

#include "sim/core/quantity.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// What a node draws at training load, without cooling: the measured value of the scenario (economy.node_power), else
/// all GPUs at their board limit plus the rest of the node.
Watts node_power(const scenario::Bound&, const calibration::Device&);

/// Nodes that `gpus` GPUs from `first_gpu` on occupy, at node_power(), times the power usage effectiveness.
Watts facility_power(const scenario::Bound&, std::int64_t first_gpu, std::int64_t gpus);

}  // namespace plenum::analysis
