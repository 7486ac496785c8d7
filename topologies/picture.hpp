// A picture of a fabric that a person understands at 8 and at 131,072 GPUs: a row per kind of switch, and what is alike
// drawn once with its number.
#pragma once

#include <string>

#include "topologies/cluster.hpp"
#include "topologies/specification.hpp"

namespace plenum::topology {

std::string picture(const Cluster&, const ClusterSpecification&);  ///< SVG

}  // namespace plenum::topology
