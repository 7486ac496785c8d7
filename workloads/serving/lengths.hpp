// How many tokens a request has, drawn.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sim/core/fields.hpp"
#include "sim/core/random.hpp"

namespace plenum::workload {

enum class LengthKind : std::uint8_t { fixed, uniform, log_normal };

struct LengthSpecification {
  LengthKind kind = LengthKind::fixed;
  std::int64_t tokens = 1024;  ///< fixed: all; uniform: the largest; log_normal: the mean
  std::int64_t minimum = 1;
  std::int64_t maximum = 1 << 20;
  double coefficient_of_variation = 1;  ///< log_normal: standard deviation / mean
};

std::span<const std::string_view> names_of(LengthKind);
void describe(Fields&, LengthSpecification&);

/// Of a uniform one: its bounds are in order.
bool is_possible(const LengthSpecification&);

std::int32_t draw(const LengthSpecification&, RandomStream&);

}  // namespace plenum::workload
