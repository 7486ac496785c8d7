// Measurement files of one GPU (calibration/measurements/GPU/DATE.json) as the tables that fits are made from.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "calibration/measurements.hpp"

namespace plenum::calibration {

/// Medians of the repetitions.
struct MeasuredKernels {
  std::array<std::map<ProductShape, double>, precision_names.size()> products;
  std::array<std::map<AttentionShape, double>, precision_names.size()> attention, attention_backward;
  std::map<std::string, std::pair<std::int64_t, double>>
      shortest;                     ///< memory-bound kernels: smallest size, its time (us)
  double launch() const;            ///< us: the median of the shortest ones, what such a kernel takes at least
  std::optional<double> copy_rate;  ///< bytes read and written per second, of the largest copy
};

/// Every file of the folder. Issues: none there, one that was cut short, another GPU than `names`, a shape that cannot
/// be read. Kernels that no fit uses are passed over; of a shape that several files have, the latest date's counts.
MeasuredKernels read_measured_kernels(const std::filesystem::path& folder, const std::vector<std::string>& names,
                                      Issues&);

}  // namespace plenum::calibration
