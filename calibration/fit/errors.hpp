// Errors on held-out measurements, by class of kernel time.
#pragma once

#include <string>
#include <vector>

#include "calibration/device_file.hpp"

namespace plenum::calibration {

/// The value below which `share` of the values lie; `values` is not empty.
double quantile(std::vector<double> values, double share);

class Errors {
 public:
  /// `cast`: microseconds that were measured but not predicted; part of what the error is relative to.
  void add(double predicted, double measured, double cast = 0);
  void report(const std::string& family, Framework, Precision, std::vector<Accuracy>&) const;

 private:
  std::vector<double> above_, below_;  ///< |relative error|, of kernels of more and of less than 50 us
};

}  // namespace plenum::calibration
