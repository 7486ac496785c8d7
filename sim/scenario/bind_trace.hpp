// A trace's files read and held against each other.
#pragma once

#include <optional>

#include "sim/scenario/bind_jobs.hpp"

namespace plenum::scenario {

/// Nothing with issues: of the job at its pointer, of the trace in its own files.
std::optional<workload::Trace> open_trace(const TraceJob&, const std::string& pointer, Complaints&);

}  // namespace plenum::scenario
