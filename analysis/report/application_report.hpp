// Results of applications for people and for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analysis/application_metrics.hpp"

namespace plenum::analysis {

/// For a terminal: a line per stage with what requests wait for there, then what users see and what it costs.
std::string application_summary(const scenario::BoundApplication&, const ApplicationMetrics&);

nlohmann::ordered_json application_json(const ApplicationMetrics&);

/// A line per request: times, tokens, how it ended, and the seconds that it waited for each stage.
std::string application_csv(const scenario::BoundApplication&, const datacenter::ApplicationResult&);

/// What the mean request waits for, and those at the 50th, 95th and 99th percentile: a bar each (SVG).
std::string application_picture(const scenario::BoundApplication&, const datacenter::ApplicationResult&);

}  // namespace plenum::analysis
