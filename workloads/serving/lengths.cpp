#include "workloads/serving/lengths.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace plenum::workload {
namespace {

const Range tokens = between(1, 1 << 24);

/// Mean m and deviation c m of a log-normal: sigma^2 = ln(1 + c^2), mu = ln m - sigma^2 / 2.
double log_normal(double mean, double variation, RandomStream& random) {
  const double variance = std::log1p(variation * variation);
  return std::exp(random.normal(std::log(mean) - variance / 2, std::sqrt(variance)));
}

double drawn(const LengthSpecification& length, RandomStream& random) {
  switch (length.kind) {
    case LengthKind::uniform:
      return static_cast<double>(length.minimum) +
             static_cast<double>(random.below(static_cast<std::uint64_t>(length.tokens - length.minimum + 1)));
    case LengthKind::log_normal:
      return std::round(log_normal(static_cast<double>(length.tokens), length.coefficient_of_variation, random));
    default:
      return static_cast<double>(length.tokens);
  }
}

}  // namespace

std::span<const std::string_view> names_of(LengthKind) {
  static constexpr std::array<std::string_view, 3> names{"fixed", "uniform", "log-normal"};
  return names;
}

void describe(Fields& fields, LengthSpecification& length) {
  fields.required("tokens", length.tokens, "fixed: all requests'; uniform: the largest; log-normal: the mean", tokens);
  fields.optional("kind", length.kind, "Distribution of lengths");
  fields.optional("minimum", length.minimum, "Fewest tokens", tokens);
  fields.optional("maximum", length.maximum, "Most tokens; longer ones are cut", tokens);
  fields.optional("coefficient_of_variation", length.coefficient_of_variation,
                  "log-normal: standard deviation over mean", between(0, 100));
}

bool is_possible(const LengthSpecification& length) {
  return length.kind != LengthKind::uniform || length.minimum <= length.tokens;
}

std::int32_t draw(const LengthSpecification& length, RandomStream& random) {
  const double value = drawn(length, random);
  return static_cast<std::int32_t>(std::clamp(value, static_cast<double>(length.minimum),
                                              static_cast<double>(std::max(length.minimum, length.maximum))));
}

}  // namespace plenum::workload
