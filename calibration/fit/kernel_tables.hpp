// Recorded timings of serving's kernels (measurements/ops) as samples for the curves over their rooflines.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "calibration/kernels/expert_load.hpp"
#include "calibration/kernels/kernel_family.hpp"
#include "sim/core/issue.hpp"

namespace plenum::calibration {

struct CurveKey {
  KernelFamily family{};
  Framework framework{};
  Precision precision{};
  std::int64_t head_dim = 0;
  auto operator<=>(const CurveKey&) const = default;
};

struct KernelSample {
  Sizes sizes{};
  double microseconds = 0;
  bool held_out = false;
  double hidden = 0;  ///< of experts
  ExpertLoad load{};  ///< of experts; the first of the sizes then depends on the kernel's habits
};
using KernelSamples = std::map<CurveKey, std::vector<KernelSample>>;

/// All tables of a system that measurements/ops/INDEX.csv lists for serving.
KernelSamples read_kernel_tables(const std::filesystem::path& measurements, const std::string& system, Issues&);

}  // namespace plenum::calibration
