#include <algorithm>
#include <cmath>

#include "sim/datacenter/serving/serving_result.hpp"

namespace plenum::datacenter {
namespace {

constexpr double first = 1e-6, growth = 1.02;

}  // namespace

void TokenIntervals::add(Seconds interval, double count) {
  const double bin = std::log(std::max(interval.value(), first) / first) / std::log(growth);
  count_[std::min(static_cast<std::size_t>(bin), bins - 1)] += count;
  total_ += count;
  sum_ += count * interval.value();
}

void TokenIntervals::add(const TokenIntervals& other) {
  for (std::size_t bin = 0; bin < bins; ++bin) count_[bin] += other.count_[bin];
  total_ += other.total_;
  sum_ += other.sum_;
}

Seconds TokenIntervals::percentile(double share) const {
  double seen = 0;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    seen += count_[bin];
    if (seen > 0 && seen >= share * total_) return Seconds(first * std::pow(growth, static_cast<double>(bin) + 0.5));
  }
  return Seconds(0);
}

}  // namespace plenum::datacenter
