// Raw measurements of one GPU as `plenum calibrate measure` and `import` write them:
// calibration/measurements/GPU/DATE.json. README.md describes the format.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/fields.hpp"

namespace plenum::calibration {

inline constexpr std::string_view measurement_format = "plenum-measurements-1";

struct MeasuredKernel {
  std::string kernel;                ///< "matrix_product", "copy", "all_reduce", ...
  std::string shape;                 ///< "bf16 m=4096 n=4096 k=4096": with `kernel` the identity of a line
  std::vector<double> microseconds;  ///< every repetition
};
void describe(Fields&, MeasuredKernel&);

/// What is no time: a clock, a driver's version, the link between two GPUs.
struct MeasuredFact {
  std::string name, value;
};
void describe(Fields&, MeasuredFact&);

struct MeasurementFile {
  std::string format, gpu, date, source;
  bool complete = false;  ///< false: the run was cut short; never taken for a whole one
  std::vector<MeasuredFact> facts;
  std::vector<MeasuredKernel> kernels;
};
void describe(Fields&, MeasurementFile&);

/// The file checked whole, or nothing with all its issues.
std::optional<MeasurementFile> read_measurement_file(const std::filesystem::path&, Issues&);

/// The text of a measurement file; read_measurement_file gives the same back.
std::string text_of(const MeasurementFile&);

}  // namespace plenum::calibration
