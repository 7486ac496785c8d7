// The text of a device (calibration/devices/NAME.json): the head that people write, and `fitted`, which
// `plenum calibrate fit` writes. README.md shows how to add a GPU.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calibration/kernels/roofline_curves.hpp"
#include "calibration/surface.hpp"
#include "sim/core/fields.hpp"
#include "sim/core/memory_kernel.hpp"
#include "sim/core/precision.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::calibration {

struct PeakRates {
  std::array<FlopsPerSecond, precision_names.size()> dense{};  ///< zero: the chip has no such units
};
void describe(Fields&, PeakRates&);

struct SpecificationText {
  std::string architecture;
  std::int64_t multiprocessors = 0;
  PeakRates peak;
  Bytes memory{};
  BytesPerSecond memory_bandwidth{};
  Watts power{}, idle_power{};
  double host_slowdown = 1;
};
void describe(Fields&, SpecificationText&);

struct NumberSource {
  std::string of, source;
};
void describe(Fields&, NumberSource&);

/// Speed relative to the device whose curves are inherited, where something better than the specification is known.
struct Scaling {
  double compute = 0;    ///< 0: ratio of the peaks
  double memory = 0;     ///< 0: ratio of the memory bandwidths
  double attention = 1;  ///< of prompts and forward passes, besides `compute`: exponentials
};
void describe(Fields&, Scaling&);

struct MatrixProductCurve {
  Precision precision = Precision::bf16;
  Surface surface;
};
void describe(Fields&, MatrixProductCurve&);

struct AttentionCurve {
  Precision precision = Precision::bf16;
  std::int64_t head_dim = 0;
  Surface surface;
};
void describe(Fields&, AttentionCurve&);

/// Share of the peak memory bandwidth that a kernel reaches.
struct MemoryKernelRate {
  MemoryKernel kernel{};
  bool fused = true;
  double fraction = 1;
};
void describe(Fields&, MemoryKernelRate&);

/// What the card drew under products, while it read and wrote, and at rest, and the clock of the first over the
/// second's.
struct PowerUnderLoad {
  Watts products{}, memory{}, idle{};
  double clock = 1;
};
void describe(Fields&, PowerUnderLoad&);

struct SustainedSlowdown {
  Precision precision = Precision::bf16;
  double factor = 1;
  std::int64_t rows = 0;  ///< sustained measurements behind it
};
void describe(Fields&, SustainedSlowdown&);

/// Error on measurements that were held out of the fit.
struct Accuracy {
  std::string family;  ///< "matrix_product", "attention", or a name of KernelFamily
  Framework framework = Framework::any;
  Precision precision = Precision::bf16;
  std::string size;  ///< "above 50 us", "below 50 us"
  std::int64_t rows = 0;
  double median_abs_error = 0, p90_abs_error = 0;
};
void describe(Fields&, Accuracy&);

struct Fitted {
  Seconds launch{};
  double memory_fraction = 1;
  bool under_load = false;  ///< products were timed at the clock that the power limit allows them
  std::optional<PowerUnderLoad> power;
  std::vector<MemoryKernelRate> memory_kernels;  ///< others: memory_fraction
  std::vector<SustainedSlowdown> sustained_slowdown;
  std::vector<Accuracy> accuracy;
  std::vector<MatrixProductCurve> matrix_products;
  std::vector<AttentionCurve> attention, attention_backward;
  std::vector<RooflineCurve> kernels;
};
void describe(Fields&, Fitted&);

struct DeviceFile {
  std::string name;
  std::vector<std::string> aliases;
  SpecificationText specification;
  std::vector<NumberSource> sources;
  std::string inherits;
  Scaling scaling;
  double attention_backward_rate = 0;
  Seconds memory_launch{};   ///< shortest memory-bound kernel in a graph; zero: not known, the shortest product's
  std::string measurements;  ///< `system` in measurements/ops/INDEX.csv; empty: never measured
  std::string sustained;     ///< `gpu` in measurements/gpu_mamf.csv
  std::optional<Fitted> fitted;
};
void describe(Fields&, DeviceFile&);

/// The file checked whole, or nothing with all its issues.
std::optional<DeviceFile> read_device_file(const std::filesystem::path&, Issues&);

/// The same from a text; `name` is what positions call it.
std::optional<DeviceFile> read_device_text(std::string_view text, const std::string& name, Issues&);

/// The same without `fitted`: what a look at names and specifications needs.
std::optional<DeviceFile> read_device_head(const std::filesystem::path&, Issues&);

/// The part of a device file that people write: its text up to `fitted`, closed.
std::string head_of(std::string_view text);

/// calibration/devices below the data root.
std::filesystem::path device_directory();

}  // namespace plenum::calibration
