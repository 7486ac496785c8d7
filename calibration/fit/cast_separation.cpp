#include "calibration/fit/cast_separation.hpp"

#include <algorithm>
#include <tuple>

namespace plenum::calibration {
namespace {

constexpr std::int64_t narrow = 256;  // n up to which the product is short against the cast

using Key = std::tuple<std::string, std::int64_t, std::int64_t>;  // framework, m, k
using Casts = std::map<Key, double>;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// A narrow product in a smaller format: what bf16 takes of the same shape, in proportion to the bytes of an element.
double product_alone(double bf16_microseconds, Precision precision, double launch) {
  return launch + bytes_per_element(precision) / 2 * std::max(0.0, bf16_microseconds - launch);
}

Casts casts_of(const ProductTimes& quantized, Precision precision, const ProductTimes& bf16, double launch) {
  std::map<Key, std::vector<double>> found;
  for (const auto& [shape, timings] : quantized) {
    const auto reference = bf16.find(shape);
    if (shape.n > narrow || held_out(shape) || reference == bf16.end()) continue;
    const double alone =
        product_alone(representative_product(Precision::bf16, reference->second)->microseconds, precision, launch);
    for (const Timing& timing : timings)
      found[{timing.framework, shape.m, shape.k}].push_back(std::max(0.0, timing.microseconds - alone));
  }
  Casts casts;
  for (const auto& [key, values] : found) casts[key] = median(values);
  return casts;
}

}  // namespace

void separate_casts(OpTables& tables, double launch) {
  const ProductTimes& bf16 = tables.matrix_product[static_cast<std::size_t>(Precision::bf16)];
  for (const Precision precision : {Precision::fp8, Precision::fp8_block, Precision::nvfp4}) {
    ProductTimes& quantized = tables.matrix_product[static_cast<std::size_t>(precision)];
    const Casts casts = casts_of(quantized, precision, bf16, launch);
    for (auto& [shape, timings] : quantized) {
      std::vector<Timing> separated;
      for (const Timing& timing : timings)
        if (const auto cast = casts.find({timing.framework, shape.m, shape.k}); cast != casts.end())
          separated.push_back({timing.framework, std::max(launch, timing.microseconds - cast->second), cast->second});
      timings = std::move(separated);
    }
  }
}

}  // namespace plenum::calibration
