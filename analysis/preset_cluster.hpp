// A catalogue cluster, sized for a job.
#pragma once

#include <optional>
#include <string>

#include "sim/core/issue.hpp"
#include "topologies/specification.hpp"

namespace plenum::analysis {

/// The preset with as many nodes as `gpus` GPUs need, or as its name fixes when that is more. Unknown: an issue.
std::optional<topology::ClusterSpecification> preset_cluster(const std::string& name, std::int64_t gpus, Issues&);

}  // namespace plenum::analysis
