#include "calibration/inheritance.hpp"

#include <algorithm>

namespace plenum::calibration {
namespace {

double peak_of(const DeviceFile& device, Precision p) {
  return device.specification.peak.dense[static_cast<std::size_t>(p)].value();
}

/// 1 when one of the two lacks the format: nothing then asks for it.
double peak_ratio(const DeviceFile& device, const DeviceFile& relative, Precision p) {
  const double here = peak_of(device, p), there = peak_of(relative, p);
  return here > 0 && there > 0 ? here / there : 1;
}

/// An explicit scale is known for bf16; other precisions differ from it as their peaks do.
double compute_scale(const DeviceFile& device, const DeviceFile& relative, Precision p) {
  const double bf16 = peak_ratio(device, relative, Precision::bf16);
  return (device.scaling.compute > 0 ? device.scaling.compute : bf16) * peak_ratio(device, relative, p) / bf16;
}

struct Roofline {
  double launch = 0, flops_per_second = 0, bytes_per_second = 0;
  double seconds(double flops, double bytes) const {
    return launch + std::max(flops / flops_per_second, bytes / bytes_per_second);
  }
};

void scale(Surface& product, Precision precision, const Roofline& relative, const Roofline& here) {
  const double element = bytes_per_element(precision);
  std::size_t node = 0;
  for (const double m : product.nodes[0])
    for (const double n : product.nodes[1])
      for (const double k : product.nodes[2]) {
        const double flops = 2 * m * n * k, bytes = element * (m * k + n * k) + 2 * m * n;
        product.microseconds[node++] *= here.seconds(flops, bytes) / relative.seconds(flops, bytes);
      }
  make_monotone(product);
}

}  // namespace

double compute_scale(const DeviceFile& device, const DeviceFile& relative) {
  return device.scaling.compute > 0 ? device.scaling.compute / peak_ratio(device, relative, Precision::bf16) : 1;
}

Fitted scaled(const DeviceFile& device, const DeviceFile& relative) {
  Fitted fitted = *relative.fitted;
  const double bandwidth = device.specification.memory_bandwidth / relative.specification.memory_bandwidth;
  const double memory = device.scaling.memory > 0 ? device.scaling.memory : bandwidth;
  const double relative_bandwidth = relative.specification.memory_bandwidth.value();
  const double launch = fitted.launch.value();
  for (auto& [precision, surface] : fitted.matrix_products) {
    const double peak = peak_of(relative, precision);
    const double compute = peak * compute_scale(device, relative, precision);
    scale(surface, precision, {launch, peak, relative_bandwidth}, {launch, compute, relative_bandwidth * memory});
  }
  for (auto* curves : {&fitted.attention, &fitted.attention_backward})
    for (auto& [precision, head_dim, surface] : *curves) {
      const double forward = curves == &fitted.attention ? device.scaling.attention : 1;
      const double compute = forward * compute_scale(device, relative, precision);
      for (double& time : surface.microseconds) time = 1e6 * launch + std::max(0.0, time - 1e6 * launch) / compute;
    }
  const auto scaled_fraction = [&](double fraction) { return std::min(1.0, fraction * memory / bandwidth); };
  fitted.memory_fraction = scaled_fraction(fitted.memory_fraction);
  for (auto& rate : fitted.memory_kernels) rate.fraction = scaled_fraction(rate.fraction);
  return fitted;
}

}  // namespace plenum::calibration
