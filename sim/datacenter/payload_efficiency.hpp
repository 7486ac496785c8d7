// The shares of the links' rates that a fabric shared by many kinds of messages counts with.
#pragma once

#include <string>

#include "sim/core/collective.hpp"
#include "sim/datacenter/fabric.hpp"

namespace plenum::datacenter {

/// What a ring of the largest messages reaches between two nodes, by the curves of calibration/collectives.
LinkEfficiency payload_efficiency(const std::string& architecture, Transport);

}  // namespace plenum::datacenter
