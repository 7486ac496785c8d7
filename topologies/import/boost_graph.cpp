#include "topologies/import/boost_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "topologies/import/number.hpp"

namespace plenum::topology {

std::string name_of(const NamedVertex& vertex, std::size_t number) {
  if (!vertex.name.empty()) return vertex.name;
  return vertex.id.empty() ? fmt::format("vertex {}", number) : vertex.id;
}

std::int64_t cables_in(const std::string& label) {
  return std::max<std::int64_t>(number_in<std::int64_t>(label).value_or(1), 1);
}

double number_of(const boost::any& value) {
  if (const auto* real = boost::any_cast<double>(&value)) return *real;
  if (const auto* real = boost::any_cast<float>(&value)) return *real;
  if (const auto* whole = boost::any_cast<int>(&value)) return *whole;
  if (const auto* whole = boost::any_cast<long>(&value)) return static_cast<double>(*whole);
  const auto* text = boost::any_cast<std::string>(&value);
  const auto number = text != nullptr ? number_in<double>(std::string_view(*text)) : std::nullopt;
  if (!number) throw std::invalid_argument("a number is expected");
  return *number;
}

void unreadable(std::string_view format, std::string_view why, const Position& where, Issues& issues) {
  constexpr std::size_t enough = 200;  // of a message that may echo the text
  issues.error(where, "", fmt::format("no readable {}: {}", format, why.substr(0, enough)));
}

}  // namespace plenum::topology
