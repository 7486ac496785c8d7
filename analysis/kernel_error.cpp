#include "analysis/kernel_error.hpp"

#include <fmt/format.h>

#include <numeric>

#include "calibration/accuracy.hpp"

namespace plenum::analysis {

KernelError kernel_error(const calibration::Device& device, const datacenter::Breakdown& parts, Precision precision) {
  constexpr auto products = static_cast<std::size_t>(datacenter::Part::matrix_product);
  const double step = std::accumulate(parts.begin(), parts.end(), Seconds(0)).value();
  const auto error = calibration::held_out_error(device, "matrix_product", precision);
  return error && step > 0 ? KernelError{*error, parts[products].value() / step} : KernelError{};
}

std::string text_of(const KernelError& error) {
  if (error.share <= 0) return "";
  return fmt::format("products, {:.1f} % off where held out of the fit (median), are {:.0f} % of the step",
                     100 * error.median, 100 * error.share);
}

}  // namespace plenum::analysis
