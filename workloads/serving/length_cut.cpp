#include "workloads/serving/length_cut.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plenum::workload {
namespace {

LengthCut cut_fixed(double length, double most) { return {length > most ? 1.0 : 0.0, std::min(length, most), length}; }

LengthCut cut_uniform(double least, double largest, double most) {
  const double share = std::max(0.0, largest - most) / (largest - least + 1);
  return {share, (1 - share) * (least + std::min(largest, most)) / 2 + share * most, (least + largest) / 2};
}

double normal_below(double deviations) { return std::erfc(-deviations / std::numbers::sqrt2) / 2; }

/// E[min(X, c)] = m P(Z < z - sigma) + c P(Z > z), where z is how many deviations ln c lies above mu; a minimum b adds
/// E[(b - X)+] = b P(Z < z_b) - m P(Z < z_b - sigma).
LengthCut cut_log_normal(double mean, double variation, double least, double most) {
  const double variance = std::log1p(variation * variation), deviation = std::sqrt(variance);
  if (deviation == 0) return cut_fixed(mean, most);
  const auto deviations = [&](double length) { return (std::log(length / mean) + variance / 2) / deviation; };
  const double z = deviations(most), z_least = deviations(std::max(least, 1e-9)), share = normal_below(-z);
  const double lifted = least * normal_below(z_least) - mean * normal_below(z_least - deviation);
  return {share, mean * normal_below(z - deviation) + most * share + lifted, mean};
}

}  // namespace

LengthCut cut_by_maximum(const LengthSpecification& length) {
  const auto tokens = static_cast<double>(length.tokens), least = static_cast<double>(length.minimum),
             most = std::max(least, static_cast<double>(length.maximum));
  switch (length.kind) {
    case LengthKind::uniform:
      return cut_uniform(least, tokens, most);
    case LengthKind::log_normal:
      return cut_log_normal(tokens, length.coefficient_of_variation, least, most);
    default:
      return cut_fixed(tokens, most);
  }
}

}  // namespace plenum::workload
