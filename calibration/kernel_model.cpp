// From curves to times: see README.md for the form of each.
#include <algorithm>
#include <cmath>

#include "calibration/device.hpp"
#include "calibration/kernel_curves.hpp"
#include "calibration/kernels/precision_relatives.hpp"

namespace plenum::calibration {
namespace {

constexpr double micro = 1e-6;

constexpr std::size_t at(Precision p) { return static_cast<std::size_t>(p); }

Footing footing_of(const KernelCurves& curves) { return curves.inherited ? Footing::inherited : Footing::measured; }

Precision curve_for(const KernelCurves& curves, Precision p) {
  while (!curves.matrix_product[at(p)] && p != Precision::bf16) p = relative_of(p);
  return p;
}

double peak_of(const Specification& specification, Precision p) {
  const auto found = specification.peak.find(p);
  return found == specification.peak.end() ? 0 : found->second.value();
}

struct Product {
  double m = 0, n = 0, k = 0, batch = 1;
  double flops() const { return 2 * m * n * k * batch; }
};

/// A batch is as slow as the slower of the two single products with the same work: all rows against one B, or one A
/// against all columns.
double surface_microseconds(const PreparedSurface& surface, const Product& p) {
  const double tall = surface.microseconds({effective_rows(p.m * p.batch), p.n, p.k});
  return p.batch == 1 ? tall : std::max(tall, surface.microseconds({effective_rows(p.m), p.n * p.batch, p.k}));
}

/// The product on another precision's curve, faster or slower as the peaks are.
double seconds_on(Precision curve, const KernelCurves& curves, const Specification& specification, Precision precision,
                  const Product& product) {
  const double seconds = micro * surface_microseconds(*curves.matrix_product[at(curve)], product);
  const double peak = peak_of(specification, precision), curve_peak = peak_of(specification, curve);
  if (peak <= 0 || curve_peak <= 0) return seconds;
  return std::max(micro * curves.launch_microseconds, seconds * curve_peak / peak);
}

/// Beyond the longest measured sequence a surface goes on linearly; attention's work grows with the square.
double attention_time(const PreparedSurface& surface, const Sizes& sizes) {
  return surface.microseconds(sizes) * std::max(1.0, sizes[0] / surface.last(0));
}

double attention_microseconds(const std::vector<KernelCurves::AttentionCurve>& by_head_dim, const Sizes& sizes,
                              double head_dim) {
  if (head_dim <= by_head_dim.front().head_dim) return attention_time(by_head_dim.front().surface, sizes);
  if (head_dim >= by_head_dim.back().head_dim)
    return attention_time(by_head_dim.back().surface, sizes) * head_dim / by_head_dim.back().head_dim;
  const auto above = std::find_if(by_head_dim.begin(), by_head_dim.end(),
                                  [&](const auto& curve) { return curve.head_dim > head_dim; });
  const auto below = above - 1;
  const double fraction = std::log2(head_dim / below->head_dim) / std::log2(above->head_dim / below->head_dim);
  return std::exp2((1 - fraction) * std::log2(attention_time(below->surface, sizes)) +
                   fraction * std::log2(attention_time(above->surface, sizes)));
}

bool known_head_dim(const std::vector<KernelCurves::AttentionCurve>& curves, double head_dim) {
  return std::any_of(curves.begin(), curves.end(), [&](const auto& curve) { return curve.head_dim == head_dim; });
}

}  // namespace

double effective_rows(double m) {
  constexpr double smallest_tile = 16, tile = 128;
  return m <= resolved_rows ? std::max(m, smallest_tile) : std::sqrt(m * std::ceil(m / tile) * tile);
}

Estimate Device::matrix_product(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t batch,
                                Precision precision) const {
  if (std::min({m, n, k, batch}) <= 0) return {Seconds(0), Footing::measured};
  const Product product{double(m), double(n), double(k), double(batch)};
  const Precision curve = curve_for(*curves, precision);
  double seconds = seconds_on(curve, *curves, specification, precision, product);
  bool direct = batch == 1 && (precision == curve || precision == Precision::fp16) &&
                curves->matrix_product[at(curve)]->inside({effective_rows(product.m), product.n, product.k});
  if (precision == Precision::nvfp4 && curve == precision) {
    // The serving kernels of the tables fall behind cuBLASLt's published FP4 rates where products are large; FP8's
    // curve at the ratio of the peaks does not (README.md).
    const double on_fp8 = seconds_on(Precision::fp8, *curves, specification, precision, product);
    direct = direct && seconds <= on_fp8;
    seconds = std::min(seconds, on_fp8);
  }
  const double peak = peak_of(specification, precision);
  if (peak > 0) seconds = std::max(seconds, product.flops() / peak);
  return {Seconds(seconds), direct ? footing_of(*curves) : Footing::inherited};
}

Estimate Device::attention(std::int64_t batch, std::int64_t heads, std::int64_t kv_heads, std::int64_t query_length,
                           std::int64_t kv_length, std::int64_t head_dim, bool causal, bool backward,
                           Precision precision) const {
  if (std::min({batch, heads, kv_heads, query_length, kv_length, head_dim}) <= 0)
    return {Seconds(0), Footing::measured};
  const bool eight_bit =
      precision == Precision::fp8 || precision == Precision::fp8_block || precision == Precision::mxfp8;
  const Precision curve =
      eight_bit && !curves->attention[at(Precision::fp8)].empty() ? Precision::fp8 : Precision::bf16;
  const bool own_backward = backward && !curves->attention_backward[at(curve)].empty();
  const auto& by_head_dim = own_backward ? curves->attention_backward[at(curve)] : curves->attention[at(curve)];
  // A full score matrix is as much work as a causal one of sqrt(2) times the length.
  const double length = std::sqrt(double(query_length) * double(kv_length) * (causal ? 1 : 2));
  const Sizes sizes{length, double(batch * heads), std::min(1.0, double(kv_heads) / double(heads))};
  double microseconds = attention_microseconds(by_head_dim, sizes, double(head_dim));
  if (backward && !own_backward) microseconds *= 2.5 / curves->attention_backward_rate;
  const bool direct = backward == own_backward && causal && query_length == kv_length &&
                      (precision == curve || precision == Precision::fp16) &&
                      known_head_dim(by_head_dim, double(head_dim)) && by_head_dim.front().surface.inside(sizes);
  const bool own = direct && !curves->attention_inherited;
  return {Seconds(micro * microseconds), own ? footing_of(*curves) : Footing::inherited};
}

Estimate Device::memory_bound(Bytes bytes, MemoryKernel kernel, bool fused, double clock) const {
  double fraction = curves->memory_fractions[static_cast<std::size_t>(kernel)][fused ? 1 : 0];
  if (fraction < curves->memory_fraction) fraction *= clock;
  const double bandwidth = fraction * specification.memory_bandwidth.value();
  const double seconds = curves->memory_launch_microseconds * micro + double(bytes.value()) / bandwidth;
  return {Seconds(seconds), footing_of(*curves)};
}

/// Near the lowest voltage power beyond idling grows in proportion to the clock, which is one for all that runs:
/// clock x (share x products + (1 - share) x memory) = limit - idle.
OperatingPoint Device::operating_point(double share) const {
  if (curves->draw_of_memory >= 1) return {};
  const double relief = std::min(1 / (share + (1 - share) * curves->draw_of_memory), curves->fastest_clock);
  return {relief, relief / curves->fastest_clock};
}

bool Device::timed_under_load() const { return curves && curves->under_load; }

bool Device::attention_timed_under_load() const { return timed_under_load() && !curves->attention_inherited; }

double Device::sustained_slowdown(Precision p) const { return curves->sustained_slowdown[at(curve_for(*curves, p))]; }

}  // namespace plenum::calibration
