// Curves of collectives fitted to a table of measurements, with the error on groups of rows that were held out.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "calibration/collectives/curves.hpp"
#include "sim/core/issue.hpp"

namespace plenum::analysis {

struct CollectiveFit {
  calibration::Curves curves;  ///< fitted on all rows
  std::string report;          ///< errors when only the groups called "fitted" are fitted, by part and size
};

/// Issues: a file that can't be read, a column that is missing.
std::optional<CollectiveFit> fit_collectives(const std::filesystem::path& table, Issues&);

}  // namespace plenum::analysis
