// Measured exchanges of tokens with experts (DeepEP): each row simulated on the cluster that it names.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "analysis/validation/validation.hpp"
#include "calibration/collectives/expert_exchange.hpp"

namespace plenum::analysis {

/// `plenum validate alltoall`: the columns of analysis/measurements/moe_alltoall.csv.zst.
TableKind expert_table();

struct ExchangeFit {
  calibration::ExchangeCurves curves;  ///< fitted on all rows
  std::string report;                  ///< errors by part when only "fitted" is fitted, and of the curves
};
std::optional<ExchangeFit> fit_exchanges(const std::filesystem::path& table, Issues&);

}  // namespace plenum::analysis
