#include "calibration/collectives/fit.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <vector>

#include "calibration/collectives/nccl_tables.hpp"
#include "calibration/fit/nelder_mead.hpp"
#include "calibration/fit/surface_fit.hpp"

namespace plenum::calibration {
namespace {

using Samples = std::vector<const CollectiveSample*>;

/// From here on no call waits for the one before to be started.
constexpr Bytes beyond_launches{8 << 20};
constexpr std::size_t fewest = 3;  // samples that tell anything about a curve
/// Pulls overlaps towards "hops and bytes add up" where measurements say nothing: a tenth of a percent per e-fold.
constexpr double pull = 1e-3;

Method method_of(const CollectiveSample& sample, const Curves& curves) {
  return choose(sample.situation, sample.kind, sample.bytes, sample.algorithm, {}, curves).method;
}

double mean_error(const Samples& samples, const Curves& curves) {
  double sum = 0;
  for (const auto* sample : samples) sum += std::abs(std::log1p(error_of(*sample, curves)));
  return sum / static_cast<double>(samples.size());
}

double ridge(double logarithm) { return pull * logarithm * logarithm; }

/// Parameters are logarithms, so all stay positive.
std::vector<double> logarithms(std::initializer_list<double> values) {
  std::vector<double> result;
  for (const double value : values) result.push_back(std::log(value));
  return result;
}

struct LinkKey {
  std::string link;
  Method method;
  bool message;
  auto order() const { return std::tuple(link, method.algorithm, method.protocol, message); }
  bool operator<(const LinkKey& other) const { return order() < other.order(); }
};

/// Payload never moves faster than its protocol can carry it over the link.
LinkCurve link_curve(const LinkKey& key, const std::vector<double>& x) {
  LinkCurve curve{.link = key.link,
                  .algorithm = key.method.algorithm,
                  .protocol = key.method.protocol,
                  .message = key.message,
                  .base = Seconds(1e-6 * four_digits(std::exp(x[0]))),
                  .step = Seconds(1e-6 * four_digits(std::exp(x[1]))),
                  .efficiency = std::min(four_digits(std::exp(x[2])), nccl::share_of(key.method.protocol)),
                  .overlap = four_digits(std::exp(x[3]))};
  if (key.method.algorithm == CollectiveAlgorithm::nvls) {
    curve.chunk = Bytes(static_cast<std::int64_t>(std::exp(x[4]) * 1024));
  } else if (!key.message) {
    curve.copy = BytesPerSecond(1e9 * four_digits(std::exp(x[4])));
  }
  return curve;
}

LinkCurve fit_link(const LinkKey& key, const Samples& samples) {
  const bool simple = key.method.protocol == CollectiveProtocol::simple;
  const bool nvls = key.method.algorithm == CollectiveAlgorithm::nvls;
  const auto start = logarithms({8, simple ? 6.0 : 1.0, 0.7, 1, nvls ? 4.0 : 1000.0});
  const Objective error = [&](const std::vector<double>& x) {
    return mean_error(samples, {.links = {link_curve(key, x)}, .networks = {}, .launches = {}}) + ridge(x[3]) +
           ridge(x[4] - start[4]) / 10 + ridge(std::max(0.0, x[2]));
  };
  auto curve = link_curve(key, minimize(error, start, 0.5));
  curve.rows = static_cast<std::int64_t>(samples.size());
  return curve;
}

/// On one domain; below `beyond_launches` only where calls don't wait, unless nothing else is known of the link.
std::map<LinkKey, Samples> by_link(std::span<const CollectiveSample> all) {
  std::map<LinkKey, Samples> undisturbed, every;
  for (const auto& sample : all) {
    if (sample.situation.domains > 1) continue;
    const auto method = method_of(sample, {});
    const LinkKey key{link_class(sample.situation, method.algorithm), method,
                      sample.kind == CollectiveKind::send_receive};
    every[key].push_back(&sample);
    if (sample.situation.launch == Launch::graph || sample.bytes >= beyond_launches)
      undisturbed[key].push_back(&sample);
  }
  for (auto& [key, samples] : undisturbed)
    if (samples.size() >= fewest) every[key] = samples;
  return every;
}

void fit_links(std::span<const CollectiveSample> all, Curves& curves) {
  for (const auto& [key, samples] : by_link(all))
    if (samples.size() >= fewest) curves.links.push_back(fit_link(key, samples));
}

NetworkCurve network_curve(Transport transport, const std::vector<double>& x) {
  return {.transport = transport,
          .base = Seconds(1e-6 * four_digits(std::exp(x[0]))),
          .latency_factor = four_digits(std::exp(x[1])),
          .efficiency = std::min(four_digits(std::exp(x[2])), 1.0),
          .overlap_low_latency = four_digits(std::exp(x[3])),
          .overlap_simple = four_digits(std::exp(x[4]))};
}

void fit_networks(std::span<const CollectiveSample> all, Curves& curves) {
  std::map<Transport, Samples> by_transport;
  for (const auto& sample : all)
    if (sample.situation.domains > 1) by_transport[sample.situation.transport].push_back(&sample);
  for (const auto& [transport, samples] : by_transport) {
    if (samples.size() < fewest) continue;
    Curves trial{.links = curves.links, .networks = {{}}, .launches = {}};
    const Objective error = [&, transport = transport, &samples = samples](const std::vector<double>& x) {
      trial.networks.front() = network_curve(transport, x);
      double pulled = 0;
      for (const double value : x) pulled += ridge(value);
      return mean_error(samples, trial) + pulled;
    };
    auto& fitted =
        curves.networks.emplace_back(network_curve(transport, minimize(error, logarithms({5, 2, 0.9, 1, 1}), 0.4)));
    fitted.rows = static_cast<std::int64_t>(samples.size());
  }
}

void fit_launches(std::span<const CollectiveSample> all, Curves& curves) {
  std::map<std::pair<std::string, Launch>, Samples> groups;
  for (const auto& sample : all)
    if (sample.situation.domains == 1 && sample.situation.launch != Launch::graph && sample.bytes < beyond_launches)
      groups[{sample.situation.architecture, sample.situation.launch}].push_back(&sample);
  for (const auto& [key, samples] : groups) {
    if (samples.size() < fewest) continue;
    Curves trial{
        .links = curves.links, .networks = {}, .launches = {{.architecture = key.first, .launch = key.second}}};
    const Objective error = [&, &samples = samples](const std::vector<double>& x) {
      trial.launches.front().floor = Seconds(1e-6 * four_digits(std::exp(x[0])));
      return mean_error(samples, trial);
    };
    const auto best = minimize(error, logarithms({30}), 0.3);
    curves.launches.push_back({.architecture = key.first,
                               .launch = key.second,
                               .floor = Seconds(1e-6 * four_digits(std::exp(best[0]))),
                               .rows = static_cast<std::int64_t>(samples.size())});
  }
}

}  // namespace

double error_of(const CollectiveSample& sample, const Curves& curves) {
  return alone(sample.situation, sample.kind, method_of(sample, curves), sample.bytes, curves) / sample.measured - 1;
}

Curves fit_curves(std::span<const CollectiveSample> samples) {
  Curves curves;
  fit_links(samples, curves);
  fit_networks(samples, curves);
  fit_launches(samples, curves);
  return curves;
}

}  // namespace plenum::calibration
