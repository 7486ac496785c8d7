// `plenum calibrate fit`: recorded measurements in, device files out, the same bytes every time and with every
// compiler.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "sim/core/issue.hpp"

namespace plenum::calibration {

/// calibration/measurements below the data root.
std::filesystem::path measurement_directory();

/// The text of a device file with `fitted` made anew; its head is kept as people wrote it. A device that inherits its
/// curves is returned as it is.
std::optional<std::string> fit_device(const std::filesystem::path& device_file,
                                      const std::filesystem::path& measurements, Issues&);

/// Fits every device of a folder and writes the files into `output` (which may be the same folder). True when all were
/// fitted; nothing is written for a device with issues. `progress(device, done, of)` is called before each one.
bool fit_devices(const std::filesystem::path& devices, const std::filesystem::path& measurements,
                 const std::filesystem::path& output,
                 const std::function<void(const std::string&, std::size_t, std::size_t)>& progress, Issues&);

}  // namespace plenum::calibration
