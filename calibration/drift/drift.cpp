#include "calibration/drift/drift.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "calibration/drift/rank_test.hpp"
#include "calibration/fit/errors.hpp"

namespace plenum::calibration {
namespace {

std::string name_of(const MeasuredKernel& k) { return k.kernel + " " + k.shape; }

std::vector<double> scaled_by(std::vector<double> values, double factor) {
  for (double& value : values) value *= factor;
  return values;
}

/// The exact test's work grows with the third power of the repetitions: evenly thinned beyond a hundred.
std::vector<double> thinned(const std::vector<double>& values) {
  constexpr std::size_t most = 100;
  if (values.size() <= most) return values;
  std::vector<double> kept;
  for (std::size_t i = 0; i < most; ++i) kept.push_back(values[i * values.size() / most]);
  return kept;
}

double chance_of(const MeasuredKernel& earlier, const MeasuredKernel& later, double limit) {
  const double quarter = 1 + limit / 4;
  const auto before = thinned(earlier.microseconds), after = thinned(later.microseconds);
  return std::min(larger_by_chance(scaled_by(before, quarter), after),
                  larger_by_chance(scaled_by(after, quarter), before));
}

void complain(const std::string& message, Issues& issues) { issues.error({}, "", message); }

bool comparable(const MeasuredKernel& earlier, const MeasuredKernel& later, Issues& issues) {
  const std::size_t fewest = std::min(earlier.microseconds.size(), later.microseconds.size());
  if (fewest < fewest_repetitions)
    complain(fmt::format("{}: {} repetitions; the rank test needs at least {}", name_of(earlier), fewest,
                         fewest_repetitions),
             issues);
  return fewest >= fewest_repetitions;
}

/// Largest relative change among numbers of the same places; infinite when they are not as many.
double largest_change(const std::vector<double>& before, const std::vector<double>& after) {
  if (before.size() != after.size()) return INFINITY;
  double largest = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    if (const double change = after[i] / before[i] - 1; std::abs(change) > std::abs(largest)) largest = change;
  return largest;
}

std::map<std::string, std::vector<double>> curves_of(const Fitted& fitted) {
  std::map<std::string, std::vector<double>> curves;
  curves["launch"] = {fitted.launch.value()};
  curves["memory_fraction"] = {fitted.memory_fraction};
  for (const auto& c : fitted.matrix_products)
    curves[fmt::format("matrix_product {}", name_of(c.precision))] = c.surface.microseconds;
  for (const auto& c : fitted.attention)
    curves[fmt::format("attention {} head_dim={}", name_of(c.precision), c.head_dim)] = c.surface.microseconds;
  for (const auto& c : fitted.attention_backward)
    curves[fmt::format("attention_backward {} head_dim={}", name_of(c.precision), c.head_dim)] = c.surface.microseconds;
  if (const auto& power = fitted.power)
    curves["power"] = {power->products.value(), power->memory.value(), power->idle.value(), power->clock};
  for (const auto& [kernel, fused, fraction] : fitted.memory_kernels)
    curves[fmt::format("{}{}", fused ? "" : "eager ", name_of(kernel))] = {fraction};
  for (const auto& c : fitted.kernels)
    curves[fmt::format("{} {} {} head_dim={}", name_of(c.family), name_of(c.framework), name_of(c.precision),
                       c.head_dim)] = c.times_roofline;
  return curves;
}

}  // namespace

std::vector<Drift> drift_between(const MeasurementFile& earlier, const MeasurementFile& later, double limit,
                                 Issues& issues) {
  if (earlier.gpu != later.gpu)
    complain(fmt::format("different GPUs: \"{}\" and \"{}\"", earlier.gpu, later.gpu), issues);
  for (const auto* file : {&earlier, &later})
    if (!file->complete)
      complain(fmt::format("the measurement of {} was cut short; let \"plenum calibrate measure\" go on with it",
                           file->date),
               issues);
  std::map<std::string, const MeasuredKernel*> before;
  for (const MeasuredKernel& k : earlier.kernels) before[name_of(k)] = &k;
  std::vector<Drift> drifts;
  for (const MeasuredKernel& k : later.kernels) {
    const auto found = before.find(name_of(k));
    if (found == before.end()) {
      complain(fmt::format("{}: not in the baseline", name_of(k)), issues);
      continue;
    }
    if (comparable(*found->second, k, issues))
      drifts.push_back({name_of(k), quantile(k.microseconds, 0.5) / quantile(found->second->microseconds, 0.5) - 1,
                        chance_of(*found->second, k, limit), false});
    before.erase(found);
  }
  for (const auto& [name, kernel] : before) complain(fmt::format("{}: in the baseline alone", name), issues);
  const double level = false_alarm / (2 * double(std::max<std::size_t>(1, drifts.size())));
  for (Drift& drift : drifts) drift.moved = drift.chance < level;
  return drifts;
}

std::vector<Drift> drift_between(std::span<const MeasurementFile> runs, const MeasurementFile& later, double limit,
                                 Issues& issues) {
  std::vector<Drift> all;
  for (const MeasurementFile& run : runs) {
    auto drifts = drift_between(run, later, limit, issues);
    if (all.empty()) std::swap(all, drifts);
    for (std::size_t i = 0; i < std::min(all.size(), drifts.size()); ++i) {
      const bool agree = all[i].moved && drifts[i].moved && (all[i].change > 0) == (drifts[i].change > 0);
      if (std::abs(drifts[i].change) < std::abs(all[i].change)) all[i] = drifts[i];
      all[i].moved = agree;
    }
  }
  return all;
}

std::vector<Drift> drift_between(const Fitted& committed, const Fitted& fitted, double limit) {
  auto before = curves_of(committed);
  const auto after = curves_of(fitted);
  for (const auto& [name, values] : after) before.try_emplace(name);
  std::vector<Drift> drifts;
  for (const auto& [name, values] : before) {
    const auto found = after.find(name);
    const double change = largest_change(values, found == after.end() ? std::vector<double>{} : found->second);
    const bool moved = std::abs(change) > limit;
    drifts.push_back({name, change, moved ? 0.0 : 1.0, moved});
  }
  return drifts;
}

bool any_moved(const std::vector<Drift>& drifts) {
  return std::any_of(drifts.begin(), drifts.end(), [](const Drift& d) { return d.moved; });
}

}  // namespace plenum::calibration
