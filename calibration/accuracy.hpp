// How far a device's curves were off on kernels that they never saw.
#pragma once

#include <optional>
#include <string_view>

#include "calibration/device.hpp"

namespace plenum::calibration {

/// Median of |predicted / measured - 1| on held-out kernels of more than 50 us: "matrix_product" or "attention" in the
/// format whose curve answers for `precision`. Of an inheriting device: its relative's. Nothing where none was held out.
std::optional<double> held_out_error(const Device&, std::string_view family, Precision);

}  // namespace plenum::calibration
