// What Boost.Graph's readers fill.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphviz.hpp>
#include <boost/property_map/dynamic_property_map.hpp>
#include <boost/range/iterator_range.hpp>

#include "topologies/import/graph.hpp"

namespace plenum::topology {

struct NamedVertex {
  std::string id, name;
};
struct RatedEdge {
  double bytes_per_second = 0, latency_seconds = 0;
  std::string label;
};
template <class Direction>
using BoostGraph = boost::adjacency_list<boost::vecS, boost::vecS, Direction, NamedVertex, RatedEdge>;

/// Other attributes are left out.
template <class Graph>
boost::dynamic_properties properties_of(Graph& graph) {
  boost::dynamic_properties properties(boost::ignore_other_properties);
  properties.property("node_id", get(&NamedVertex::id, graph));
  properties.property("name", get(&NamedVertex::name, graph));
  properties.property("bytes_per_second", get(&RatedEdge::bytes_per_second, graph));
  properties.property("latency_seconds", get(&RatedEdge::latency_seconds, graph));
  properties.property("label", get(&RatedEdge::label, graph));
  return properties;
}

std::string name_of(const NamedVertex&, std::size_t number);
void unreadable(std::string_view format, std::string_view why, const Position&, Issues&);
/// Parallel cables, "4"; any other label is for people.
std::int64_t cables_in(const std::string& label);

/// Edges in the order of the file have the positions given, as far as there are some; others stand at `where`.
template <class Graph>
ImportedGraph imported(const Graph& graph, const std::vector<Position>& positions, const Position& where) {
  ImportedGraph result{.vertices = {}, .cables = {}, .both_ways = boost::is_directed(graph), .where = where};
  for (std::size_t v = 0; v < num_vertices(graph); ++v) result.vertices.push_back(name_of(graph[v], v));
  std::size_t i = 0;
  for (const auto e : boost::make_iterator_range(edges(graph))) {
    const auto& edge = graph[e];
    result.cables.push_back({source(e, graph), target(e, graph), BytesPerSecond(edge.bytes_per_second),
                             Seconds(edge.latency_seconds), cables_in(edge.label),
                             i < positions.size() ? positions[i] : where});
    ++i;
  }
  return result;
}

/// `read` fills the graph: directed, or, where the text says so, undirected. Nothing with an issue that names `format`.
template <class Read>
std::optional<ImportedGraph> read_boost_graph(const Read& read, const std::vector<Position>& positions,
                                              const Position& where, std::string_view format, Issues& issues) {
  try {
    try {
      BoostGraph<boost::directedS> graph;
      read(graph);
      return imported(graph, positions, where);
    } catch (const boost::undirected_graph_error&) {
      BoostGraph<boost::undirectedS> graph;
      read(graph);
      return imported(graph, positions, where);
    }
  } catch (const std::exception& error) {
    unreadable(format, error.what(), where, issues);
    return std::nullopt;
  }
}

}  // namespace plenum::topology
