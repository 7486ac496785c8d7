// The curves of one device over their rooflines, as its file holds them and ready for queries.
#pragma once

#include <array>
#include <vector>

#include "calibration/kernels/expert_load.hpp"
#include "calibration/kernels/kernel_family.hpp"
#include "sim/core/fields.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::calibration {

/// One kernel family under one framework in one number format, as the device file writes it.
struct RooflineCurve {
  KernelFamily family{};
  Framework framework{};
  Precision precision = Precision::bf16;
  std::int64_t head_dim = 0;  ///< 0: the family has none
  Seconds floor{};            ///< shortest kernel
  KernelHabits habits;
  std::vector<double> times_roofline;  ///< time / roofline at the nodes of grid_of(family), the last axis fastest
};
void describe(Fields&, RooflineCurve&);

struct PreparedRooflineCurve {
  double head_dim = 0, floor = 0;  ///< floor: us
  KernelHabits habits;
  double element = 2;  ///< bytes of one in the curve's format
  std::vector<double> log2_ratio;
  bool inherited = false;
};

class RooflineCurves {
 public:
  void add(const RooflineCurve&);
  /// The curve with the nearest head dimension, or nullptr.
  const PreparedRooflineCurve* find(KernelFamily, Framework, Precision, double head_dim) const;
  /// Curves of a relative where there are none of the device's own.
  void inherit(RooflineCurves&&);

 private:
  static std::size_t slot(KernelFamily, Framework, Precision);
  std::array<std::vector<PreparedRooflineCurve>, family_names.size() * framework_names.size() * precision_names.size()>
      curves_;
};

/// Microseconds of a kernel on a curve.
template <class Roofline>
double microseconds(const PreparedRooflineCurve& curve, const RooflineGrid& grid, const Sizes& sizes,
                    const Roofline& roofline) {
  const Blend at = blend(grid, sizes, roofline);
  double log2_time = at.log2_roofline;
  for (std::size_t i = 0; i < 8; ++i) log2_time += at.corners.weight[i] * curve.log2_ratio[at.corners.index[i]];
  return std::exp2(log2_time);
}

}  // namespace plenum::calibration
