// Where a row's GPUs stand: the preset that its system is sold as, with as many nodes as the deployment needs.
#pragma once

#include <string_view>

#include "topologies/specification.hpp"

namespace plenum::analysis {

/// "h200_sxm", "H200 141GB HBM3", "RTX 6000 Pro". Throws Unsupported for a system without calibration.
topology::ClusterSpecification serving_cluster(std::string_view system, std::int64_t gpus);

}  // namespace plenum::analysis
