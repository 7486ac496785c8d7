// Numbers in texts of other programs.
#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace plenum::topology {

/// The whole of the text as a finite number.
template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if constexpr (std::is_floating_point_v<Number>)
    if (!std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace plenum::topology
