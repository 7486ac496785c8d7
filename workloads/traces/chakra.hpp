// Chakra execution traces as they lie in a folder: `prefix.0.et`, `prefix.1.et`, ... one file per rank.
#pragma once

#include <filesystem>
#include <optional>

#include "sim/core/issue.hpp"
#include "workloads/traces/trace.hpp"

namespace plenum::workload {

/// Reads every rank's file. `communicators` is a JSON file {"name": [ranks], ...}, or empty. Nothing with issues; those
/// of all files are told. Ranks whose files are the same share one program.
std::optional<Trace> open_chakra(const std::filesystem::path& prefix, const std::filesystem::path& communicators,
                                 Issues&);

}  // namespace plenum::workload
