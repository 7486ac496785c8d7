// Recorded measurements (calibration/measurements): what other people timed, as they published it. Several serving
// frameworks timed the same shapes; `representative` says which of their times stands for a kernel of training.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/issue.hpp"
#include "sim/core/precision.hpp"
#include "sim/core/random.hpp"

namespace plenum::calibration {

struct ProductShape {
  std::int64_t m = 0, n = 0, k = 0;
  auto operator<=>(const ProductShape&) const = default;
};
struct AttentionShape {
  std::int64_t head_dim = 0, batch = 0, length = 0, heads = 0, kv_heads = 0;
  auto operator<=>(const AttentionShape&) const = default;
};

/// What one framework measured.
struct Timing {
  std::string framework;    ///< as in the tables: "VLLM", "TRTLLM", "SGLang"
  double microseconds = 0;  ///< of the kernel
  double cast = 0;          ///< of the cast beside it, see cast_separation.hpp
  bool operator==(const Timing&) const = default;
};
using ProductTimes = std::map<ProductShape, std::vector<Timing>>;
using AttentionTimes = std::map<AttentionShape, std::vector<double>>;

struct OpTables {
  std::array<ProductTimes, precision_names.size()> matrix_product;
  std::array<AttentionTimes, precision_names.size()> attention;  ///< causal, full window, whole prompt
};

/// All tables that measurements/ops/INDEX.csv lists for a system.
OpTables read_op_tables(const std::filesystem::path& measurements, const std::string& system, Issues&);

/// The timing that stands for a kernel of training. bf16: the same library everywhere, so the median of the runs.
/// Quantized formats: TensorRT-LLM's, which calls cuBLASLt and tuned kernels as Transformer Engine does. Attention: the
/// fastest.
std::optional<Timing> representative_product(Precision, std::vector<Timing>);
double representative_attention(const std::vector<double>& microseconds);

template <class... Size>
std::uint64_t hash_of_sizes(Size... sizes) {
  std::uint64_t hash = 0;
  ((hash = mix(hash ^ static_cast<std::uint64_t>(sizes))), ...);
  return hash;
}
/// One shape in three, by hash: never fitted, only predicted. The same shapes on every device and in every format.
template <class... Size>
bool one_in_three(Size... sizes) {
  return hash_of_sizes(sizes...) % 3 == 0;
}
bool held_out(const ProductShape&);
bool held_out(const AttentionShape&);

/// A rate that a GPU sustained over many repetitions of one product.
struct SustainedRate {
  Precision precision = Precision::bf16;
  ProductShape shape;
  double flops_per_second = 0;
};
std::vector<SustainedRate> read_sustained_rates(const std::filesystem::path& measurements, const std::string& gpu,
                                                Issues&);

}  // namespace plenum::calibration
