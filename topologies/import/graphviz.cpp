// Boost.Graph reads the Graphviz text; its grammar was checked first, so that depth is bounded and complaints know
// their line.
#include <boost/graph/graphviz.hpp>

#include "topologies/import/boost_graph.hpp"
#include "topologies/import/dot_outline.hpp"
#include "topologies/import/import.hpp"

namespace plenum::topology {

std::optional<ClusterSpecification> import_graphviz(std::string_view text, const std::string& name, Issues& issues) {
  const auto outline = outline_of_dot(text, name, issues);
  if (!outline) return std::nullopt;
  const auto read = [&](auto& graph) {
    auto properties = properties_of(graph);
    boost::read_graphviz(outline->plain, graph, properties);
  };
  const auto graph = read_boost_graph(read, outline->directed, outline->edges, {name, 1, 1}, "Graphviz", issues);
  return graph ? cluster_of(*graph, issues) : std::nullopt;
}

}  // namespace plenum::topology
