// Which kernels moved between two measurements of one GPU, or between a device file and a new fit of its measurements.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "calibration/device_file.hpp"
#include "calibration/drift/measurement_file.hpp"

namespace plenum::calibration {

inline constexpr std::size_t fewest_repetitions = 9;
/// Of a false alarm in a whole comparison in which nothing moved.
inline constexpr double false_alarm = 0.01;

struct Drift {
  std::string kernel;
  double change = 0;  ///< of the median time: 0.03 is 3 % slower
  double chance = 1;  ///< of such ranks if nothing had moved by more than a quarter of the limit; 0 or 1 for fits
  bool moved = false;
};

/// Kernels of both files. One moved when the rank test, at a level divided by the number of kernels and directions,
/// excludes that it changed by less than a quarter of `limit` (a change of the whole limit is then found, and noise is
/// not). Kernels with fewer than nine repetitions, and those that only one file has, are issues; so are different GPUs
/// and incomplete files.
std::vector<Drift> drift_between(const MeasurementFile& earlier, const MeasurementFile& later, double limit, Issues&);

/// Against several runs of an unchanged card, whose kernels differ from run to run by more than their repetitions do
/// (where buffers lie): one moved when it did against every run, in the same direction; the smallest change is told.
std::vector<Drift> drift_between(std::span<const MeasurementFile> runs, const MeasurementFile& later, double limit,
                                 Issues&);

/// Curves of both; the change is the largest at a node. One moved when that exceeds `limit`, or when only one has it.
std::vector<Drift> drift_between(const Fitted& committed, const Fitted& fitted, double limit);

bool any_moved(const std::vector<Drift>&);

/// A line per kernel that moved, most first, and a line of summary.
std::string to_text(const std::vector<Drift>&, double limit);
std::string to_junit(const std::vector<Drift>&, double limit);
nlohmann::ordered_json to_json(const std::vector<Drift>&, double limit);

}  // namespace plenum::calibration
