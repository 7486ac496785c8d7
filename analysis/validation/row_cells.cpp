#include "analysis/validation/row_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace plenum::analysis {
namespace {

constexpr double largest_count = 1e15;  // far beyond any count in a table, and exact as a double

}  // namespace

std::optional<double> RowCells::number(std::string_view column) const {
  const auto cell = text(column);
  if (cell.empty()) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value) || value < 0)
    throw Unsupported{fmt::format("{}: \"{}\" is not a number of at least 0", column, cell)};
  return value;
}

std::optional<std::int64_t> RowCells::integer(std::string_view column) const {
  const auto value = number(column);
  if (!value) return std::nullopt;
  if (*value != std::floor(*value) || *value > largest_count)
    throw Unsupported{fmt::format("{}: \"{}\" is not a whole number", column, text(column))};
  return static_cast<std::int64_t>(*value);
}

std::int64_t RowCells::required(std::string_view column) const {
  const auto value = integer(column);
  if (!value || *value == 0) throw Unsupported{fmt::format("the table states no {}", column)};
  return *value;
}

bool RowCells::mentions(std::string_view column, std::string_view word) const {
  const auto cell = text(column);
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return std::search(cell.begin(), cell.end(), word.begin(), word.end(), same) != cell.end();
}

}  // namespace plenum::analysis
