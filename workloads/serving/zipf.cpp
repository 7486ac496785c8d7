#include "workloads/serving/zipf.hpp"

#include <algorithm>
#include <cmath>

namespace plenum::workload {
namespace {

/// (e^x - 1) / x and its counterpart ln(1 + x) / x, both 1 at 0.
double relative_exp(double x) { return std::abs(x) > 1e-8 ? std::expm1(x) / x : 1 + x / 2; }
double relative_log(double x) { return std::abs(x) > 1e-8 ? std::log1p(x) / x : 1 - x / 2; }

}  // namespace

Zipf::Zipf(std::int64_t count, double exponent) : count_(static_cast<double>(count)), exponent_(exponent) {
  low_ = integral(1.5) - 1;
  high_ = integral(count_ + 0.5);
  shift_ = 2 - inverse(integral(2.5) - std::pow(2.0, -exponent_));
}

/// Of x^-s from 1 on.
double Zipf::integral(double x) const {
  const double log = std::log(x);
  return relative_exp((1 - exponent_) * log) * log;
}

double Zipf::inverse(double y) const {
  const double t = std::max(-1.0, y * (1 - exponent_));
  return std::exp(relative_log(t) * y);
}

std::int64_t Zipf::draw(RandomStream& random) const {
  for (;;) {
    const double u = high_ + random.uniform() * (low_ - high_), x = inverse(u);
    const double k = std::clamp(std::floor(x + 0.5), 1.0, count_);
    if (k - x <= shift_ || u >= integral(k + 0.5) - std::pow(k, -exponent_)) return static_cast<std::int64_t>(k) - 1;
  }
}

}  // namespace plenum::workload
