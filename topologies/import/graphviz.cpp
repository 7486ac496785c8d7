// Boost.Graph reads the Graphviz text; its parser calls itself for every brace, so those are counted first.
#include <algorithm>
#include <boost/graph/graphviz.hpp>

#include "topologies/import/boost_graph.hpp"
#include "topologies/import/import.hpp"

namespace plenum::topology {
namespace {

constexpr std::int64_t most_braces = 1000;  ///< subgraphs, and shapes in labels

/// Where the brace stands that is one too many.
std::optional<Position> one_brace_too_many(std::string_view text, const std::string& name) {
  Position at{name, 1, 1};
  std::int64_t braces = 0;
  for (const char c : text) {
    if (c == '{' && ++braces > most_braces) return at;
    ++at.column;
    if (c == '\n') ++at.line, at.column = 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ClusterSpecification> import_graphviz(std::string_view text, const std::string& name, Issues& issues) {
  if (const auto place = one_brace_too_many(text, name)) {
    issues.error(*place, "", "more than 1,000 opening braces");
    return std::nullopt;
  }
  const auto read = [&](auto& graph) {
    auto properties = properties_of(graph);
    boost::read_graphviz(std::string(text), graph, properties);
  };
  const auto graph = read_boost_graph(read, {}, {name, 1, 1}, "Graphviz", issues);
  return graph ? cluster_of(*graph, issues) : std::nullopt;
}

}  // namespace plenum::topology
