// Scenarios written from what other tools configured: only what differs from the defaults stands in them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/scenario/scenario.hpp"
#include "workloads/import/imported_job.hpp"

namespace plenum::scenario {

/// A scenario with one job on `nodes` nodes of a committed cluster.
nlohmann::ordered_json scenario_of(const workload::ImportedJob&, const std::string& cluster, std::int64_t nodes);
nlohmann::ordered_json scenario_of(const TraceJob&, const std::string& cluster, std::int64_t nodes);

}  // namespace plenum::scenario
