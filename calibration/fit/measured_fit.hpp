// A device's curves from its own measurement files: some hundred shapes instead of a published table's ten thousands, so
// the surfaces bend a roofline of the specification and every shape takes part in the fit; the errors are those of a
// threefold cross-validation.
#pragma once

#include "calibration/device_file.hpp"
#include "calibration/fit/measured_kernels.hpp"

namespace plenum::calibration {

/// Nothing, with issues, when there are too few bf16 matrix products. Formats and attention that were not measured get no
/// curve.
std::optional<Fitted> fit_measured(const SpecificationText&, const MeasuredKernels&, const std::string& name, Issues&);

}  // namespace plenum::calibration
