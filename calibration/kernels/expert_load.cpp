#include "calibration/kernels/expert_load.hpp"

#include <algorithm>
#include <array>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>

namespace plenum::calibration {
namespace {

constexpr double exponent = 1.2;  // of the law of popularity
double power(int n, double popularity) { return std::pow(popularity, n + 1 - exponent); }

/// A popularity where integrals begin or end. Powers are what a query costs; most integrals share these two.
struct Limit {
  double at = 0;
  std::array<double, 2> powers{};
  explicit Limit(double popularity) : at(popularity), powers{power(0, at), power(1, at)} {}
};

/// Integral of x^(n - exponent), without its constant factor for the probability itself.
double integral(int n, double power_from, double power_to) { return (power_to - power_from) / (n + 1 - exponent); }
double integral(int n, const Limit& from, const Limit& to) {
  if (n != 0 && n != 1) return integral(n, power(n, from.at), power(n, to.at));
  const auto i = static_cast<std::size_t>(n);
  return integral(n, from.powers[i], to.powers[i]);
}

/// The popularity of an expert: a power law between two limits, as aiconfigurator's benchmark draws it anew for every
/// row (ai-dynamo/aiconfigurator, collector/helper.py, power_law_logits_v3).
struct Popularity {
  Limit low, high;

  /// Mean of x^n over the experts between two popularities, the others counted as 0.
  double mean(int n, const Limit& from, const Limit& to) const {
    return integral(n, from, to) / integral(0, low, high);
  }
  Limit nearest(double popularity) const {
    if (popularity <= low.at) return low;
    return popularity >= high.at ? high : Limit(popularity);
  }
};

/// With fewer rows than experts the benchmark draws between 0.01 and 2, else between 1 and 80 % of the tokens.
Popularity popularity(double tokens, double rows, double experts) {
  static const Popularity few{Limit(0.01), Limit(2)};
  static const Limit one(1);
  return rows <= experts ? few : Popularity{one, Limit(std::max(1.5, 0.8 * tokens))};
}

/// What the benchmark makes of the popularities: it rounds every expert's share to rows, gives none more than there are
/// tokens, and what is lost by both to the emptiest experts, one row for each GPU in turn.
struct Rows {
  double mean = 0, square = 0;  ///< of an expert's popularity that its rows follow: none above `cap`
  double cap = 0;               ///< popularity that has a row of every token
  double lost = 0;              ///< of all rows, given to the emptiest
  double idle = 0;              ///< share of the experts that rounding leaves without a row
};
Rows rows_of(const Popularity& law, double top_k, double all, double experts) {
  const double mean = law.mean(1, law.low, law.high), one = mean * experts / all;  // popularity of one row
  const Limit cap = law.nearest(mean * experts / top_k), half = law.nearest(one / 2);
  const double above = law.mean(0, cap, law.high);
  Rows rows;
  rows.cap = cap.at;
  rows.mean = law.mean(1, law.low, cap) + cap.at * above;
  rows.square = law.mean(2, law.low, cap) + cap.at * cap.at * above;
  rows.lost = all * (1 - rows.mean / mean);
  if (half.at == law.low.at) return rows;
  rows.idle = law.mean(0, law.low, half);
  // n rows stand for popularities from n - 1/2 to n + 1/2, which lie below n in the mean since the law falls.
  const double gained = exponent / 12 * one * law.mean(-1, half, cap);
  const double rounded_off = law.mean(1, law.low, half) / one - gained;
  rows.lost += experts * std::max(0.0, rounded_off);
  return rows;
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

/// The GPU with the most rows: its experts' popularities and, with few rows, chance spread the GPUs' loads. It has more
/// active experts than others, as much as an expert's being active goes with its rows.
Here busiest(double tokens, double top_k, double experts, double local) {
  const double all = tokens * top_k, gpus = experts / local;
  const Popularity law = popularity(tokens, all, experts);
  const Rows law_rows = rows_of(law, top_k, all, experts);
  const double variation = law_rows.square / (law_rows.mean * law_rows.mean) - 1;
  const double spread = variation * (1 / local - 1 / experts) + (gpus - 1) / all;
  const double most =
      std::min(1.0, local * law_rows.cap / (experts * law_rows.mean));  // of all rows, at full popularity
  const double given = law_rows.lost / gpus;
  const double rows =
      std::clamp((all - law_rows.lost) * std::min(largest_of(gpus, spread) / gpus, most) + given, 1.0, local * tokens);
  double active = local * (1 - law_rows.idle) + std::min(local * law_rows.idle, given);
  if (gpus > 1) active += law_rows.idle * (1 - 1 / gpus) / spread * (rows * gpus / all - 1);
  return {rows, std::clamp(active, 1.0, std::min(rows, local))};
}

}  // namespace

ExpertLoad expert_load(double tokens, double top_k, double experts, double local_experts, Routing routing) {
  const double all = tokens * top_k;
  const Here here = routing == Routing::balanced ? balanced(all, experts, local_experts)
                                                 : busiest(tokens, top_k, experts, local_experts);
  const double elsewhere = std::max(0.0, all - here.rows), tokens_here = std::min(tokens, here.rows);
  return {here.active, here.rows / here.active, elsewhere, local_experts,
          std::min(elsewhere, std::max(0.0, tokens_here * top_k - here.rows))};
}

}  // namespace plenum::calibration
