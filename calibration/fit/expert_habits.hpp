// What an expert kernel does beside the rows routed to it, found by trying.
#pragma once

#include <functional>

#include "calibration/kernels/expert_load.hpp"

namespace plenum::calibration {

/// Of a few values for each habit, one after the other, the one with the least misfit.
ExpertHabits find_habits(const std::function<double(const ExpertHabits&)>& misfit);

}  // namespace plenum::calibration
