// Boost.Graph reads the GraphML; expat has looked at it first, so that depth, names and entities are bounded and
// complaints know their line.
#include <boost/graph/graphml.hpp>
#include <sstream>

#include "topologies/import/boost_graph.hpp"
#include "topologies/import/import.hpp"
#include "topologies/import/xml.hpp"

namespace plenum::topology {

std::optional<ClusterSpecification> import_graphml(std::string_view text, const std::string& name, Issues& issues) {
  const auto edges = xml::positions_of("edge", text, name, issues);
  if (!edges) return std::nullopt;
  const auto read = [&](auto& graph) {
    std::istringstream stream{std::string(text)};
    auto properties = properties_of(graph);
    boost::read_graphml(stream, graph, properties);
  };
  const auto graph = read_boost_graph(read, *edges, {name, 1, 1}, "GraphML", issues);
  return graph ? cluster_of(*graph, issues) : std::nullopt;
}

}  // namespace plenum::topology
