#include "calibration/fit/measured_fit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "calibration/fit/errors.hpp"
#include "calibration/fit/kernel_fit.hpp"
#include "calibration/fit/surface_fit.hpp"
#include "calibration/fit/surface_grids.hpp"
#include "calibration/kernels/kernel_family.hpp"

namespace plenum::calibration {
namespace {

constexpr std::size_t fewest = 30;  // shapes of a surface
constexpr std::uint64_t folds = 3;

std::uint64_t fold_of(const ProductShape& s) { return hash_of_sizes(s.m, s.n, s.k) % folds; }
std::uint64_t fold_of(const AttentionShape& s) {
  return hash_of_sizes(s.head_dim, s.batch, s.length, s.heads, s.kv_heads) % folds;
}

struct Folded {
  Sample sample;
  std::uint64_t fold = 0;
};

std::vector<Sample> without(const std::vector<Folded>& all, std::uint64_t fold) {
  std::vector<Sample> samples;
  for (const auto& [sample, of] : all)
    if (of != fold) samples.push_back(sample);
  return samples;
}

/// The surface of all samples; each sample's error is that of a surface without its third.
Surface fit_folds(const std::array<std::vector<double>, 3>& nodes, const std::vector<Folded>& all, const Prior& prior,
                  Errors& errors) {
  for (std::uint64_t fold = 0; fold < folds; ++fold) {
    const auto samples = without(all, fold);
    if (samples.empty()) continue;
    const PreparedSurface surface(fit_surface(nodes, samples, prior));
    for (const auto& [sample, of] : all)
      if (of == fold) errors.add(surface.microseconds(sample.sizes), sample.microseconds);
  }
  return fit_surface(nodes, without(all, folds), prior);
}

/// A step of the roofline: what the specification and the measured shortest kernel and bandwidth promise.
Rates rates_of(const SpecificationText& specification, const Fitted& fitted, Precision p) {
  const double peak = specification.peak.dense[static_cast<std::size_t>(p)].value();
  const double bf16 = specification.peak.dense[static_cast<std::size_t>(Precision::bf16)].value();
  return {1e-6 * fitted.memory_fraction * specification.memory_bandwidth.value(), 1e-6 * (peak > 0 ? peak : bf16),
          1e6 * fitted.launch.value()};
}

void fit_products(const SpecificationText& specification, const MeasuredKernels& measured, Fitted& fitted) {
  for (std::size_t p = 0; p < measured.products.size(); ++p) {
    const auto precision = static_cast<Precision>(p);
    if (measured.products[p].size() < fewest || precision == Precision::fp16) continue;  // fp16 is bf16
    std::vector<Folded> samples;
    for (const auto& [shape, times] : measured.products[p])
      samples.push_back({{sizes_of(shape), quantile(times, 0.5)}, fold_of(shape)});
    const LinearRoofline roofline{rates_of(specification, fitted, precision), bytes_per_element(precision)};
    Errors errors;
    fitted.matrix_products.push_back({precision, fit_folds(product_nodes(), samples, roofline, errors)});
    errors.report("matrix_product", Framework::any, precision, fitted.accuracy);
    fitted.sustained_slowdown.push_back({precision, 1, 0});  // timed at the clock of sustained work
  }
}

/// `work`: of the pass, over the forward one's.
std::vector<AttentionCurve> attention_curves(const SpecificationText& specification,
                                             const TimesByPrecision<AttentionShape>& measured, double work,
                                             const std::string& family, Fitted& fitted) {
  std::vector<AttentionCurve> curves;
  for (std::size_t p = 0; p < measured.size(); ++p) {
    const auto precision = static_cast<Precision>(p);
    std::map<std::int64_t, std::vector<Folded>> by_head_dim;
    for (const auto& [shape, times] : measured[p])
      by_head_dim[shape.head_dim].push_back({{sizes_of(shape), quantile(times, 0.5)}, fold_of(shape)});
    Errors errors;
    for (const auto& [head_dim, samples] : by_head_dim) {
      if (samples.size() < fewest) continue;
      const PrefillRoofline forward{rates_of(specification, fitted, precision), double(head_dim),
                                    bytes_per_element(precision)};
      const Prior roofline = [&](const Sizes& sizes) { return work * forward(sizes); };
      curves.push_back({precision, head_dim, fit_folds(attention_nodes(), samples, roofline, errors)});
    }
    errors.report(family, Framework::any, precision, fitted.accuracy);
  }
  return curves;
}

void fit_decoding(const SpecificationText& specification, const MeasuredKernels& measured, Fitted& fitted) {
  for (std::size_t p = 0; p < measured.decode.size(); ++p) {
    std::map<std::int64_t, std::vector<KernelSample>> by_head_dim;
    for (const auto& [s, times] : measured.decode[p])
      by_head_dim[s.head_dim].push_back(
          {.sizes = {double(s.batch * s.kv_heads), double(s.cached), double(s.heads) / double(s.kv_heads)},
           .microseconds = quantile(times, 0.5)});
    Errors errors;
    for (const auto& [head_dim, samples] : by_head_dim)
      if (samples.size() >= fewest)
        fitted.kernels.push_back(fit_own_kernel(
            specification, fitted.memory_fraction,
            {KernelFamily::decode_attention, Framework::any, static_cast<Precision>(p), head_dim}, samples, errors));
    errors.report(std::string(name_of(KernelFamily::decode_attention)), Framework::any, static_cast<Precision>(p),
                  fitted.accuracy);
  }
}

/// Of each kind the largest that was timed, without its launch.
void rate_memory_kernels(const SpecificationText& specification, const MeasuredKernels& measured, Fitted& fitted) {
  std::map<std::pair<MemoryKernel, bool>, double> fractions;  // sizes ascend
  for (const auto& [moved, times] : measured.moved)
    fractions[{moved.kernel, moved.fused}] = double(moved.bytes) /
                                             std::max(1e-9, 1e-6 * quantile(times, 0.5) - fitted.launch.value()) /
                                             specification.memory_bandwidth.value();
  for (const auto& [kind, fraction] : fractions)
    fitted.memory_kernels.push_back({kind.first, kind.second, four_digits(fraction)});
}

std::optional<PowerUnderLoad> median_power(const std::vector<PowerUnderLoad>& readings) {
  if (readings.empty()) return std::nullopt;
  const auto median = [&readings](const auto& value) {
    std::vector<double> values;
    for (const PowerUnderLoad& reading : readings) values.push_back(value(reading));
    return quantile(values, 0.5);
  };
  return PowerUnderLoad{Watts(median([](auto& p) { return p.products.value(); })),
                        Watts(median([](auto& p) { return p.memory.value(); })),
                        Watts(median([](auto& p) { return p.idle.value(); })),
                        four_digits(median([](auto& p) { return p.clock; }))};
}

}  // namespace

std::optional<Fitted> fit_measured(const SpecificationText& specification, const MeasuredKernels& measured,
                                   const std::string& name, Issues& issues) {
  const std::size_t products = measured.products[static_cast<std::size_t>(Precision::bf16)].size();
  const auto complain = [&](const std::string& what) { issues.error({name, 0, 0}, "/measurements", what); };
  if (products < fewest)
    complain(fmt::format("{} bf16 matrix products were measured; a surface takes at least {}", products, fewest));
  const auto copy_rate = measured.copy_rate();
  if (!copy_rate) complain("no copy was measured: these files are not of \"plenum calibrate measure\"");
  if (products < fewest || !copy_rate) return std::nullopt;
  Fitted fitted;
  fitted.under_load = true;
  fitted.launch = Seconds(1e-6 * four_digits(measured.launch()));
  fitted.memory_fraction = four_digits(std::clamp(*copy_rate / specification.memory_bandwidth.value(), 0.01, 1.0));
  fit_products(specification, measured, fitted);
  fitted.attention = attention_curves(specification, measured.attention, 1, "attention", fitted);
  fitted.attention_backward =
      attention_curves(specification, measured.attention_backward, 2.5, "attention_backward", fitted);
  fit_decoding(specification, measured, fitted);
  rate_memory_kernels(specification, measured, fitted);
  fitted.power = median_power(measured.power);
  return fitted;
}

}  // namespace plenum::calibration
