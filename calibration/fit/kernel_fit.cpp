#include "calibration/fit/kernel_fit.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "calibration/fit/errors.hpp"
#include "calibration/fit/kernel_habits.hpp"
#include "calibration/fit/surface_fit.hpp"
#include "calibration/kernels/precision_relatives.hpp"
#include "calibration/measurements.hpp"

namespace plenum::calibration {
namespace {

constexpr std::size_t fewest_samples = 150;  // with fewer a curve would be mostly its roofline

/// What of a curve its roofline needs.
struct Basis {
  CurveKey key;
  Rates rates;
  KernelHabits habits;
};

bool of_experts(KernelFamily family) { return family == KernelFamily::moe || family == KernelFamily::moe_skewed; }

/// Calls `use` with the roofline of a sample.
template <class Use>
auto with_roofline(const Basis& basis, const KernelSample& sample, const Use& use) {
  const double element = bytes_per_element(basis.key.precision);
  switch (basis.key.family) {
    case KernelFamily::prefill_attention:
      return use(PrefillRoofline{basis.rates, double(basis.key.head_dim), element});
    case KernelFamily::decode_attention:
      return use(DecodeRoofline{basis.rates, double(basis.key.head_dim), element});
    case KernelFamily::mla_prefill:
      return use(MlaPrefillRoofline{basis.rates});
    case KernelFamily::mla_decode:
      return use(MlaDecodeRoofline{.rates = basis.rates, .element = element});
    case KernelFamily::mla_absorption:
      return use(AbsorptionRoofline{.rates = basis.rates, .element = element});
    case KernelFamily::linear_layer:
      return use(LinearRoofline{basis.rates, element});
    default:
      return use(MoeRoofline{.rates = basis.rates,
                             .hidden = sample.hidden,
                             .element = element,
                             .unrouted = basis.habits.unrouted * sample.load.rows_elsewhere,
                             .experts = basis.habits.expert * sample.load.local_experts,
                             .step = basis.habits.step});
  }
}

Sizes sizes_of(const Basis& basis, const KernelSample& sample) {
  const auto& [x, y, z] = sample.sizes;
  if (of_experts(basis.key.family)) return expert_sizes(sample.load, z, basis.habits);
  if (basis.key.family == KernelFamily::linear_layer) return {rows_with_empty(x, basis.habits.empty_row), y, z};
  return sample.sizes;
}

Blend blend_of(const Basis& basis, const KernelSample& sample) {
  return with_roofline(basis, sample, [&](const auto& roofline) {
    return blend(grid_of(basis.key.family), sizes_of(basis, sample), roofline);
  });
}

/// Makes times at the nodes grow along the axes where they must; experts at a middle hidden size.
void make_times_monotone(const Basis& basis, std::vector<double>& ratios) {
  const RooflineGrid& grid = grid_of(basis.key.family);
  Surface times{grid.nodes, {}};
  std::vector<double> roofline;
  for (const double x : grid.nodes[0])
    for (const double y : grid.nodes[1])
      for (const double z : grid.nodes[2])
        roofline.push_back(with_roofline(basis, {.hidden = 4096}, [&](const auto& r) { return r({x, y, z}); }));
  for (std::size_t i = 0; i < ratios.size(); ++i) times.microseconds.push_back(ratios[i] * roofline[i]);
  make_monotone(times, grid.grows);
  for (std::size_t i = 0; i < ratios.size(); ++i) ratios[i] = times.microseconds[i] / roofline[i];
}

Basis basis_of(const SpecificationText& specification, double memory_fraction, const CurveKey& key,
               const std::vector<KernelSample>& samples) {
  const auto peak = [&](Precision p) { return specification.peak.dense[static_cast<std::size_t>(p)].value(); };
  const Precision format = computes_in(key.family, key.precision, [&](Precision p) { return peak(p) > 0; });
  double shortest = samples.front().microseconds;
  for (const KernelSample& s : samples) shortest = std::min(shortest, s.microseconds);
  return {
      key,
      {1e-6 * memory_fraction * specification.memory_bandwidth.value(), 1e-6 * peak(format), three_digits(shortest)},
      {}};
}

/// Measured times over rooflines, as logarithms, and where they lie in the grid.
struct Ratios {
  std::vector<Corners> corners;
  std::vector<double> logarithms;
};

Ratios fitted_ratios(const Basis& basis, const std::vector<KernelSample>& samples) {
  Ratios ratios;
  for (const KernelSample& sample : samples) {
    if (sample.held_out) continue;
    const Blend at = blend_of(basis, sample);
    ratios.corners.push_back(at.corners);
    ratios.logarithms.push_back(std::log2(sample.microseconds) - at.log2_roofline);
  }
  return ratios;
}

Surface nodes_of(KernelFamily family) {
  return {grid_of(family).nodes, std::vector<double>(grid_of(family).size(), 1)};
}

/// Mean deviation of the samples from the grid that is fitted to them.
double misfit(const Basis& basis, const std::vector<KernelSample>& samples) {
  const auto [corners, logarithms] = fitted_ratios(basis, samples);
  const std::vector<double> fitted = fit_nodes(nodes_of(basis.key.family), corners, logarithms);
  double sum = 0;
  for (std::size_t s = 0; s < corners.size(); ++s) {
    double value = 0;
    for (std::size_t i = 0; i < 8; ++i) value += corners[s].weight[i] * fitted[corners[s].index[i]];
    sum += std::abs(logarithms[s] - value);
  }
  return sum / double(corners.size());
}

KernelHabits habits_of(Basis basis, const std::vector<KernelSample>& samples) {
  constexpr std::size_t enough = 3000;
  std::vector<KernelSample> some;
  if (of_experts(basis.key.family))
    for (std::size_t i = 0; i < samples.size(); i += samples.size() / enough + 1) some.push_back(samples[i]);
  else
    std::copy_if(samples.begin(), samples.end(), std::back_inserter(some),
                 [](const KernelSample& s) { return s.sizes[0] >= resolved_rows; });
  return find_habits(basis.key.family, [&](const KernelHabits& habits) {
    basis.habits = habits;
    return misfit(basis, some);
  });
}

RooflineCurve fit_curve(const Basis& basis, const std::vector<KernelSample>& samples) {
  const auto [corners, logarithms] = fitted_ratios(basis, samples);
  std::vector<double> ratios = fit_nodes(nodes_of(basis.key.family), corners, logarithms);
  for (double& ratio : ratios) ratio = std::exp2(ratio);
  make_times_monotone(basis, ratios);
  for (double& ratio : ratios) ratio = three_digits(ratio);
  return {basis.key.family,
          basis.key.framework,
          basis.key.precision,
          basis.key.head_dim,
          Seconds(1e-6 * basis.rates.floor),
          basis.habits,
          ratios};
}

void add_errors(const Basis& basis, const RooflineCurve& curve, const std::vector<KernelSample>& samples,
                Errors& errors) {
  for (const KernelSample& sample : samples) {
    if (!sample.held_out) continue;
    const Blend at = blend_of(basis, sample);
    double log2_time = at.log2_roofline;
    for (std::size_t i = 0; i < 8; ++i)
      log2_time += at.corners.weight[i] * std::log2(curve.times_roofline[at.corners.index[i]]);
    errors.add(std::exp2(log2_time), sample.microseconds);
  }
}

}  // namespace

void fit_kernels(const SpecificationText& specification, const KernelSamples& samples, Fitted& fitted) {
  std::map<CurveKey, Errors> errors;  // over the head dimensions of a family
  for (const auto& [key, measured] : samples) {
    if (measured.size() < fewest_samples) continue;
    Basis basis = basis_of(specification, fitted.memory_fraction, key, measured);
    if (of_experts(key.family) || key.family == KernelFamily::linear_layer) basis.habits = habits_of(basis, measured);
    fitted.kernels.push_back(fit_curve(basis, measured));
    add_errors(basis, fitted.kernels.back(), measured, errors[{key.family, key.framework, key.precision, 0}]);
  }
  for (const auto& [key, found] : errors)
    found.report(std::string(name_of(key.family)), key.framework, key.precision, fitted.accuracy);
}

RooflineCurve fit_own_kernel(const SpecificationText& specification, double memory_fraction, const CurveKey& key,
                             std::vector<KernelSample> samples, Errors& errors) {
  const Basis basis = basis_of(specification, memory_fraction, key, samples);
  constexpr std::uint64_t folds = 3;
  for (std::uint64_t fold = 0; fold < folds; ++fold) {
    for (KernelSample& s : samples)
      s.held_out =
          hash_of_sizes(std::llround(s.sizes[0]), std::llround(s.sizes[1]), std::llround(s.sizes[2])) % folds == fold;
    add_errors(basis, fit_curve(basis, samples), samples, errors);
  }
  for (KernelSample& sample : samples) sample.held_out = false;
  return fit_curve(basis, samples);
}

}  // namespace plenum::calibration
