// A cluster named on the command line.
#pragma once

#include <cstdint>
#include <string>

#include "topologies/specification.hpp"

namespace plenum::cli {

/// A file that holds a cluster or a scenario, or a preset with room for `gpus` (0: as its name fixes it, else one
/// node). Ends the program with a message when there is none.
topology::ClusterSpecification cluster_argument(const std::string& name, std::int64_t gpus);

}  // namespace plenum::cli
