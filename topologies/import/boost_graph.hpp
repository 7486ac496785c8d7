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

/// Throws std::invalid_argument.
double number_of(const boost::any&);

/// Numbers of edges, whatever type the text declares them to have.
template <class Map>
class NumberMap final : public boost::dynamic_property_map {
 public:
  using Key = typename boost::property_traits<Map>::key_type;
  explicit NumberMap(Map map) : map_(map) {}
  boost::any get(const boost::any& key) override { return boost::get(map_, boost::any_cast<const Key&>(key)); }
  std::string get_string(const boost::any&) override { return {}; }
  void put(const boost::any& key, const boost::any& value) override {
    boost::put(map_, boost::any_cast<const Key&>(key), number_of(value));
  }
  const std::type_info& key() const override { return typeid(Key); }
  const std::type_info& value() const override { return typeid(double); }

 private:
  Map map_;
};

/// Other attributes are left out.
template <class Graph>
boost::dynamic_properties properties_of(Graph& graph) {
  boost::dynamic_properties properties(boost::ignore_other_properties);
  properties.property("node_id", get(&NamedVertex::id, graph));
  properties.property("name", get(&NamedVertex::name, graph));
  const auto number = [&](const char* name, auto map) {
    properties.insert(name, boost::make_shared<NumberMap<decltype(map)>>(map));
  };
  number("bytes_per_second", get(&RatedEdge::bytes_per_second, graph));
  number("latency_seconds", get(&RatedEdge::latency_seconds, graph));
  properties.property("label", get(&RatedEdge::label, graph));
  return properties;
}

std::string name_of(const NamedVertex&, std::size_t number);
void unreadable(std::string_view format, std::string_view why, const Position&, Issues&);
/// Parallel cables, "4"; any other label is for people.
std::int64_t cables_in(const std::string& label);

/// Edges are in the order of the file and have the positions given, if these are as many; else they stand at `where`.
template <class Graph>
ImportedGraph imported(const Graph& graph, const std::vector<Position>& positions, const Position& where) {
  ImportedGraph result{.vertices = {}, .cables = {}, .both_ways = boost::is_directed(graph), .where = where};
  for (std::size_t v = 0; v < num_vertices(graph); ++v) result.vertices.push_back(name_of(graph[v], v));
  const bool known = positions.size() == num_edges(graph);
  std::size_t i = 0;
  for (const auto e : boost::make_iterator_range(edges(graph))) {
    const auto& edge = graph[e];
    result.cables.push_back({source(e, graph), target(e, graph), BytesPerSecond(edge.bytes_per_second),
                             Seconds(edge.latency_seconds), cables_in(edge.label), known ? positions[i++] : where});
  }
  return result;
}

/// `read` fills the graph. Nothing with an issue that names `format`.
template <class Read>
std::optional<ImportedGraph> read_boost_graph(const Read& read, bool directed, const std::vector<Position>& positions,
                                              const Position& where, std::string_view format, Issues& issues) {
  const auto read_into = [&](auto graph) {
    read(graph);
    return imported(graph, positions, where);
  };
  try {
    return directed ? read_into(BoostGraph<boost::bidirectionalS>()) : read_into(BoostGraph<boost::undirectedS>());
  } catch (const std::exception& error) {
    unreadable(format, error.what(), where, issues);
    return std::nullopt;
  }
}

}  // namespace plenum::topology
