#include "calibration/kernels/expert_load.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>

namespace plenum::calibration {
namespace {

/// The popularity of an expert: a power law between two limits, as aiconfigurator's benchmark draws it anew for every
/// row (ai-dynamo/aiconfigurator, power_law_logits_v3; exponent 1.2).
struct Popularity {
  double low, high;
  static constexpr double exponent = 1.2;

  /// Integral of x^(n - exponent), without its constant factor for the probability itself.
  double integral(int n, double from, double to) const {
    const double power = n + 1 - exponent;
    return (std::pow(to, power) - std::pow(from, power)) / power;
  }
  double moment(int n) const { return integral(n, low, high) / integral(0, low, high); }
  /// Of experts, and of rows, that lie above x.
  double share_above(int n, double x) const {
    return integral(n, std::clamp(x, low, high), high) / integral(n, low, high);
  }
};

/// With fewer rows than experts the benchmark draws between 0.01 and 2, else between 1 and 80 % of the tokens.
Popularity popularity(double tokens, double rows, double experts) {
  if (rows <= experts) return {0.01, 2};
  return {1, std::max(1.5, 0.8 * tokens)};
}

/// Median of the largest of `count` gamma variables of mean 1 and squared coefficient of variation `spread` (Wilson
/// and Hilferty, PNAS 17 (1931)).
double largest_of(double count, double spread) {
  const double p = std::pow(0.5, 1 / count), normal = std::sqrt(2.0) * boost::math::erf_inv(2 * p - 1);
  const double root = 1 - spread / 9 + normal * std::sqrt(spread / 9);
  return std::pow(std::max(0.0, root), 3);
}

struct Here {
  double rows = 0, active = 0;
};

Here balanced(double all, double experts, double local) {
  const double rows = all * local / experts, active = std::clamp(rows, 1.0, local);
  return {std::max(rows, active), active};
}

/// The GPU with the most rows: its experts' popularities and, with few rows, chance spread the GPUs' loads.
Here busiest(double tokens, double top_k, double experts, double local) {
  const double all = tokens * top_k, gpus = experts / local;
  const Popularity law = popularity(tokens, all, experts);
  const double mean = law.moment(1), variation = law.moment(2) / (mean * mean) - 1;
  const double spread = variation * (1 / local - 1 / experts) + (gpus - 1) / all;
  const double most = std::min(1.0, local * law.high / (experts * mean));  // of all rows, at full popularity
  const double rows = std::max(1.0, all * std::min(largest_of(gpus, spread) / gpus, most));
  // An expert whose share rounds to no row has none; what is lost by rounding comes one by one to others.
  const double least = 0.5 * experts * mean / all;
  const double active = std::max(local * law.share_above(0, least), rows * (1 - law.share_above(1, least)));
  return {rows, std::clamp(active, 1.0, std::min(rows, local))};
}

}  // namespace

ExpertLoad expert_load(double tokens, double top_k, double experts, double local_experts, Routing routing) {
  const double all = tokens * top_k;
  const Here here = routing == Routing::balanced ? balanced(all, experts, local_experts)
                                                 : busiest(tokens, top_k, experts, local_experts);
  const double elsewhere = std::max(0.0, all - here.rows), tokens_here = std::min(tokens, here.rows);
  return {here.active, here.rows / here.active, elsewhere,
          std::min(elsewhere, std::max(0.0, tokens_here * top_k - here.rows))};
}

}  // namespace plenum::calibration
