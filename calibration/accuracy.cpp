#include "calibration/accuracy.hpp"

#include <algorithm>

#include "calibration/kernel_curves.hpp"
#include "calibration/kernels/precision_relatives.hpp"

namespace plenum::calibration {

std::optional<double> held_out_error(const Device& device, std::string_view family, Precision precision) {
  const auto& known = device.curves->held_out;
  for (;; precision = relative_of(precision)) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const HeldOutError& e) {
      return e.family == family && e.precision == precision;
    });
    if (found != known.end()) return found->median;
    if (precision == Precision::bf16) return std::nullopt;
  }
}

}  // namespace plenum::calibration
