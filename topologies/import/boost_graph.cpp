#include "topologies/import/boost_graph.hpp"

#include <fmt/format.h>

#include <charconv>

namespace plenum::topology {

std::string name_of(const NamedVertex& vertex, std::size_t number) {
  if (!vertex.name.empty()) return vertex.name;
  return vertex.id.empty() ? fmt::format("vertex {}", number) : vertex.id;
}

std::int64_t cables_in(const std::string& label) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), count);
  const bool whole = error == std::errc() && end == label.data() + label.size();
  return whole && count > 0 ? count : 1;
}

void unreadable(std::string_view format, std::string_view why, const Position& where, Issues& issues) {
  constexpr std::size_t enough = 200;  // of a message that may echo the text
  issues.error(where, "", fmt::format("no readable {}: {}", format, why.substr(0, enough)));
}

}  // namespace plenum::topology
