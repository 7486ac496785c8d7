#include "topologies/export.hpp"

#include <fmt/ostream.h>

#include <boost/graph/graphml.hpp>
#include <boost/property_map/function_property_map.hpp>
#include <map>

namespace plenum::topology {

void write_graphml(const Cluster& cluster, std::ostream& out) {
  const auto& graph = cluster.graph;
  const auto vertex_name = boost::make_function_property_map<VertexId>([&](VertexId v) { return name_of(graph[v]); });
  const auto bandwidth =
      boost::make_function_property_map<EdgeId>([&](const EdgeId& e) { return graph[e].bandwidth.value(); });
  const auto latency =
      boost::make_function_property_map<EdgeId>([&](const EdgeId& e) { return graph[e].latency.value(); });
  boost::dynamic_properties properties;
  properties.property("name", vertex_name);
  properties.property("bytes_per_second", bandwidth);
  properties.property("latency_seconds", latency);
  boost::write_graphml(out, graph, properties);
}

void write_dot(const Cluster& cluster, std::ostream& out) {
  const auto& graph = cluster.graph;
  std::map<std::pair<VertexId, VertexId>, int> cables;
  for (VertexId v = 0; v < num_vertices(graph); ++v)
    for (const auto edge : edges_from(v, graph))
      if (v < target(edge, graph)) ++cables[{v, target(edge, graph)}];
  out << "graph cluster {\n";
  for (const auto& [ends, count] : cables)
    fmt::print(out, "  \"{}\" -- \"{}\"{};\n", name_of(graph[ends.first]), name_of(graph[ends.second]),
               count > 1 ? fmt::format(" [label={}]", count) : "");
  out << "}\n";
}

void write_edge_list(const Cluster& cluster, std::ostream& out) {
  const auto& graph = cluster.graph;
  out << "{\"vertices\": [";
  for (VertexId v = 0; v < num_vertices(graph); ++v) fmt::print(out, "{}\"{}\"", v > 0 ? ", " : "", name_of(graph[v]));
  out << "],\n \"edges\": [";
  bool first = true;
  for (VertexId v = 0; v < num_vertices(graph); ++v)
    for (const auto edge : edges_from(v, graph)) {
      fmt::print(out, "{}[{}, {}, {}, {}]", first ? "" : ",\n  ", v, target(edge, graph), graph[edge].bandwidth.value(),
                 graph[edge].latency.value());
      first = false;
    }
  out << "]}\n";
}

}  // namespace plenum::topology
