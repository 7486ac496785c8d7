// What a kernel does beside the rows it was given, found by trying.
#pragma once

#include <functional>

#include "calibration/kernels/kernel_family.hpp"
#include "calibration/kernels/kernel_habits.hpp"

namespace plenum::calibration {

/// Of a few values for each habit that the family can have, one after the other, the one with the least misfit.
KernelHabits find_habits(KernelFamily family, const std::function<double(const KernelHabits&)>& misfit);

}  // namespace plenum::calibration
