// Measurement files of one GPU (calibration/measurements/GPU/DATE.json) as the tables that fits are made from.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "calibration/device_file.hpp"
#include "calibration/measurements.hpp"

namespace plenum::calibration {

/// By shape, microseconds: the median of each file's repetitions.
template <class Shape>
using TimesOf = std::map<Shape, std::vector<double>>;
template <class Shape>
using TimesByPrecision = std::array<TimesOf<Shape>, precision_names.size()>;

/// One new token per sequence over its cached ones.
struct DecodeShape {
  std::int64_t head_dim = 0, batch = 0, cached = 0, heads = 0, kv_heads = 0;
  auto operator<=>(const DecodeShape&) const = default;
};

/// A kernel of PyTorch's, and what it reads and writes.
struct MovedBytes {
  MemoryKernel kernel{};
  bool fused = true;
  std::int64_t bytes = 0;
  auto operator<=>(const MovedBytes&) const = default;
};

struct MeasuredKernels {
  TimesByPrecision<ProductShape> products;
  TimesByPrecision<AttentionShape> attention, attention_backward;
  TimesByPrecision<DecodeShape> decode;
  std::map<std::string, TimesOf<std::int64_t>> memory_bound;  ///< own kernels by name: bytes, or elements
  TimesOf<MovedBytes> moved;
  std::vector<PowerUnderLoad> power;  ///< a reading per file

  double launch() const;                    ///< us: what memory-bound kernels take at least, in the median
  std::optional<double> copy_rate() const;  ///< bytes read and written per second, of the largest copy
};

/// Every file of the folder. Issues: none there, one that was cut short, another GPU than `names`, a shape that cannot
/// be read. Kernels that no fit uses are passed over.
MeasuredKernels read_measured_kernels(const std::filesystem::path& folder, const std::vector<std::string>& names,
                                      Issues&);

}  // namespace plenum::calibration
