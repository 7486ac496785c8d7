// Whether GPUs can reach each other.
#pragma once

#include <cstdint>
#include <optional>

#include "topologies/cluster.hpp"

namespace plenum::scenario {

/// The first of GPUs first .. first+count-1 that has no way to and from GPU `first`, if any.
std::optional<std::int64_t> unreachable_gpu(const topology::Cluster&, std::int64_t first, std::int64_t count);

}  // namespace plenum::scenario
