// Results of execution traces for people and for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sim/datacenter/result.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// Some ten lines for a terminal.
std::string trace_summary(const scenario::Bound&, const datacenter::TraceResult&);

nlohmann::ordered_json trace_json(const scenario::Bound&, const datacenter::TraceResult&);

}  // namespace plenum::analysis
