// Serving results for people and for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analysis/serving_metrics.hpp"

namespace plenum::analysis {

/// Some fifteen lines for a terminal.
std::string serving_summary(const scenario::Bound&, const scenario::BoundServing&, const ServingMetrics&);

nlohmann::ordered_json serving_json(const scenario::Bound&, const scenario::BoundServing&, const ServingMetrics&);

/// A line per request: arrival, first token and end in seconds, tokens, class; refused ones have no times.
std::string request_csv(const scenario::BoundServing&, const datacenter::ServingResult&);

/// The fleet over time: replicas that take requests, requests that wait and run, share of the KV cache in use.
std::string fleet_csv(const datacenter::ServingResult&);
/// The same as two charts (SVG).
std::string fleet_picture(const scenario::BoundServing&, const datacenter::ServingResult&);

}  // namespace plenum::analysis
