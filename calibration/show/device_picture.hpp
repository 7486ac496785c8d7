// `plenum calibrate show`: one page of pictures on which a device file can be judged.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "calibration/device.hpp"

namespace plenum::calibration {

/// Roofline with the measured matrix products, efficiency against shape, and residuals on held-out rows, as SVG. A
/// device without measurements of its own shows its curves alone. `measurements` is the folder of the recorded tables.
std::optional<std::string> device_picture(const std::string& device, const std::filesystem::path& measurements,
                                          Issues&);

}  // namespace plenum::calibration
