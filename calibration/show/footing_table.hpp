// On what every number of a device stands: measured by whom, inherited from which relative and how scaled, or specified.
#pragma once

#include <string>
#include <vector>

#include "calibration/device_file.hpp"

namespace plenum::calibration {

struct FootingLine {
  std::string of, footing;
};
std::vector<FootingLine> footing_lines(const DeviceFile&);

/// The lines as SVG text, wrapped at `width` characters, its first line at (left, top). `height` receives what it takes.
std::string footing_table(const DeviceFile&, double left, double top, std::size_t width, double& height);

}  // namespace plenum::calibration
