// Writes what a fit found into a device file's text.
#pragma once

#include <string>

#include "calibration/device_file.hpp"

namespace plenum::calibration {

/// `head` (an object's text, see head_of) with `fitted` as its last member.
std::string with_fitted(const std::string& head, const Fitted&);

}  // namespace plenum::calibration
