// The plain JSON edge list that `plenum topology --edges` writes.
#include <fmt/format.h>

#include "sim/core/json.hpp"
#include "topologies/import/graph.hpp"
#include "topologies/import/import.hpp"

namespace plenum::topology {
namespace {

using json::Value;

constexpr std::size_t longest_name = 4096;

const json::Array* list(const Value& document, std::string_view key, Issues& issues) {
  const auto* value = document.find(key);
  if (value != nullptr && value->is_array()) return &std::get<json::Array>(value->data);
  issues.error(value != nullptr ? value->where : document.where, "", fmt::format("needs the list \"{}\"", key));
  return nullptr;
}

std::optional<double> number(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value.data)) return *real;
  return std::nullopt;
}

/// [from, to], and if it likes bytes per second and seconds.
std::optional<ImportedGraph::Cable> cable(const Value& edge, std::size_t vertices) {
  const auto* parts = std::get_if<json::Array>(&edge.data);
  if (parts == nullptr || parts->size() < 2 || parts->size() > 4) return std::nullopt;
  std::array<double, 4> numbers{};
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const auto read = number((*parts)[i]);
    if (!read || *read < 0) return std::nullopt;
    numbers[i] = *read;
  }
  const auto whole = [&](std::size_t i) { return std::holds_alternative<std::int64_t>((*parts)[i].data); };
  if (!whole(0) || !whole(1) || std::max(numbers[0], numbers[1]) >= static_cast<double>(vertices)) return std::nullopt;
  return ImportedGraph::Cable{static_cast<std::size_t>(numbers[0]),
                              static_cast<std::size_t>(numbers[1]),
                              BytesPerSecond(numbers[2]),
                              Seconds(numbers[3]),
                              1,
                              edge.where};
}

}  // namespace

std::optional<ClusterSpecification> import_edge_list(std::string_view text, const std::string& name, Issues& issues) {
  const auto document = json::parse(text, name, issues);
  if (!document || issues.has_errors()) return std::nullopt;
  const auto *vertices = list(*document, "vertices", issues), *edges = list(*document, "edges", issues);
  if (vertices == nullptr || edges == nullptr) return std::nullopt;
  ImportedGraph graph{.vertices = {}, .cables = {}, .both_ways = true, .where = {name, 1, 1}};
  for (const auto& vertex : *vertices) {
    const auto* name = std::get_if<std::string>(&vertex.data);
    if (name != nullptr && name->size() <= longest_name)
      graph.vertices.push_back(*name);
    else
      issues.error(vertex.where, "/vertices",
                   fmt::format("a vertex is a name of at most {} bytes: \"leaf 0\"", longest_name));
  }
  for (const auto& edge : *edges) {
    if (const auto read = cable(edge, vertices->size()))
      graph.cables.push_back(*read);
    else
      issues.error(edge.where, "/edges",
                   fmt::format("an edge is [from, to, bytes per second, seconds], vertices are 0 to {}",
                               static_cast<std::int64_t>(vertices->size()) - 1));
  }
  return issues.has_errors() ? std::nullopt : cluster_of(graph, issues);
}

}  // namespace plenum::topology
