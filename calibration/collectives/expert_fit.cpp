#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "calibration/collectives/expert_exchange.hpp"
#include "calibration/fit/nelder_mead.hpp"
#include "calibration/fit/surface_fit.hpp"

namespace plenum::calibration {
namespace {

using Key = std::tuple<std::string, ExchangeMode, bool, bool>;
using Samples = std::vector<const ExchangeSample*>;

double value(double logarithm) { return four_digits(std::exp(logarithm)); }

ExchangeCurve curve_at(const Key& key, const std::vector<double>& x) {
  const auto& [architecture, mode, combine, spans] = key;
  ExchangeCurve curve{.architecture = architecture,
                      .mode = mode,
                      .combine = combine,
                      .spans = spans,
                      .base = Seconds(1e-6 * value(x[0])),
                      .hop = Seconds(1e-6 * value(x[1])),
                      .efficiency = std::min(value(x[2]), 1.0),
                      .network_efficiency = std::min(value(x[3]), 1.0),
                      .overlap = value(x[4]),
                      .per_multiprocessor = {}};
  if (mode == ExchangeMode::normal) curve.per_multiprocessor = BytesPerSecond(1e9 * value(x[5]));
  return curve;
}

double mean_error(const Samples& samples, const ExchangeCurve& curve) {
  const ExchangeCurves curves{curve};
  double sum = 0;
  for (const auto* sample : samples) sum += std::abs(std::log(alone(sample->exchange, curves) / sample->measured));
  return sum / static_cast<double>(samples.size());
}

}  // namespace

ExchangeCurves fit_exchange_curves(std::span<const ExchangeSample> all) {
  std::map<Key, Samples> groups;
  for (const auto& sample : all) {
    const auto& e = sample.exchange;
    groups[{e.architecture, e.mode, e.combine, e.domains > 1}].push_back(&sample);
  }
  ExchangeCurves curves;
  for (const auto& [key, samples] : groups) {
    const Objective error = [&, &key = key, &samples = samples](const std::vector<double>& x) {
      double pull = 0;
      for (const double parameter : x) pull += 1e-4 * parameter * parameter;
      return mean_error(samples, curve_at(key, x)) + pull;
    };
    std::vector<double> start;
    for (const double guess : {20.0, 10.0, 0.7, 0.85, 1.0, 14.0}) start.push_back(std::log(guess));
    curves.push_back(curve_at(key, minimize(error, start, 0.4)));
    curves.back().rows = static_cast<std::int64_t>(samples.size());
  }
  return curves;
}

}  // namespace plenum::calibration
