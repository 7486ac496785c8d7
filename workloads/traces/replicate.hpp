// A trace set up for as many ranks as shall run it, its ranks held against each other.
#pragma once

#include "sim/core/issue.hpp"
#include "workloads/traces/trace.hpp"

namespace plenum::workload {

/// Sets how many ranks run the trace (0: those recorded) and checks that they can: communicators hold their users and
/// ranks that exist, members do the same collectives in the same order, every message is sent and received. More ranks
/// repeat the recorded ones block by block; a number that is no multiple of them needs a trace that is the same on all.
void replicate(Trace&, std::int64_t ranks, Issues&);

}  // namespace plenum::workload
