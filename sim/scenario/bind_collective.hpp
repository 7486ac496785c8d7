// A collective job on the built cluster.
#pragma once

#include "sim/scenario/bind_jobs.hpp"

namespace plenum::scenario {

/// Every collective job; issues: unknown names, GPUs that are absent, repeated or not connected, algorithms that can't
/// be used there, weights that are no square.
std::vector<BoundCollective> bind_collectives(const Loaded&, const Bound& so_far, Complaints&);

}  // namespace plenum::scenario
