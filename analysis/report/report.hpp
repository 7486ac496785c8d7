// Results for people and for programs: a summary of some twenty lines, the full JSON, a Chrome/Perfetto trace.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "analysis/metrics.hpp"
#include "analysis/serving_metrics.hpp"

namespace plenum::analysis {

/// For a terminal; `colour` adds ANSI bars. At most 100 columns.
std::string summary(const scenario::Bound&, const datacenter::Result&, const std::vector<TrainingMetrics>&,
                    const std::vector<ServingMetrics>&, bool colour);

/// Everything, with provenance: digest, seed, folding, footing, version. Numbers in SI units, unit in the key's name.
nlohmann::ordered_json to_json(const scenario::Bound&, const datacenter::Result&, const std::vector<TrainingMetrics>&,
                               const std::vector<ServingMetrics>&, std::uint64_t seed);

/// Chrome JSON trace of the representative ranks: one process per rank class, one track per stream and NIC direction,
/// nested slices, flow arrows for messages; times in microseconds.
std::string chrome_trace(const scenario::Bound&, const datacenter::Result&);

}  // namespace plenum::analysis
