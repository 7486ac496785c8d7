// The engines' host constants fitted to the part of the serving table that constants may be fitted on.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/issue.hpp"

namespace plenum::analysis {

struct HostFitOptions {
  std::vector<std::string> engines;  ///< empty: all that the table has
  std::size_t rows = 64;             ///< of an engine, evenly drawn from its judged ones
  std::int64_t most_concurrency = 128;
  int processes = 1;
};

struct HostFit {
  std::string times;   ///< the text of workloads/catalogue/host_times.json
  std::string report;  ///< per engine: errors before and after, of rows fitted and of rows that only check
};

/// Least mean of |ln(predicted / measured)| over time to first token and time per token: each constant in turn is
/// raised and lowered, by ever smaller factors. Deterministic. Issues: a file that can't be read, an unknown engine.
std::optional<HostFit> fit_host_times(const std::filesystem::path& table, const HostFitOptions&,
                                      const std::function<void(std::string_view)>& tell, Issues&);

}  // namespace plenum::analysis
