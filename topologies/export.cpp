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

namespace {

struct Bundle {
  std::int64_t cables = 0;
  Link link;  ///< of the first
  BytesPerSecond bandwidth{};
};

/// Parallel cables of one direction together.
std::map<std::pair<VertexId, VertexId>, Bundle> bundles_of(const Graph& graph) {
  std::map<std::pair<VertexId, VertexId>, Bundle> bundles;
  for (VertexId v = 0; v < num_vertices(graph); ++v)
    for (const auto edge : edges_from(v, graph)) {
      auto& bundle = bundles[{v, target(edge, graph)}];
      if (bundle.cables++ == 0) bundle.link = graph[edge];
      bundle.bandwidth += graph[edge].bandwidth;
    }
  return bundles;
}

}  // namespace

void write_dot(const Cluster& cluster, std::ostream& out) {
  const auto& graph = cluster.graph;
  out << "graph cluster {\n";
  for (const auto& [ends, bundle] : bundles_of(graph))
    if (ends.first < ends.second)
      fmt::print(out, "  \"{}\" -- \"{}\" [{}bytes_per_second=\"{}\", latency_seconds=\"{}\"];\n",
                 name_of(graph[ends.first]), name_of(graph[ends.second]),
                 bundle.cables > 1 ? fmt::format("label={}, ", bundle.cables) : "", bundle.link.bandwidth.value(),
                 bundle.link.latency.value());
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
