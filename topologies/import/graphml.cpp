// Boost.Graph reads the GraphML; expat has looked at it first, so that depth, names and entities are bounded and
// complaints know their line.
#include <fmt/format.h>

#include <boost/graph/graphml.hpp>
#include <map>
#include <set>
#include <sstream>

#include "topologies/import/boost_graph.hpp"
#include "topologies/import/import.hpp"
#include "topologies/import/number.hpp"
#include "topologies/import/xml.hpp"

namespace plenum::topology {
namespace {

/// What Boost.Graph would refuse without a position: edges to nowhere, data of unknown keys, numbers that are none.
class Outline : public xml::Visitor {
 public:
  Outline(std::string name, Issues& issues) : name_(std::move(name)), issues_(issues) {}

  void begin(std::string_view element, const char** attributes, const Position& where) override {
    const auto get = [&](std::string_view key) { return std::string(xml::attribute(attributes, key)); };
    if (element == "graph" && graphs_++ == 0)
      directed_ = directed_by(get("edgedefault"), where);
    else if (element == "key")
      keys_[get("id")] = wants_number(get("attr.name")) ? "double" : get("attr.type");
    else if (element == "node")
      ids_.push_back(get("id"));
    else if (element == "edge")
      edges_.push_back(where), ends_.push_back({get("source"), get("target")});
    else if (element == "data")
      data_ = {get("key"), {}, where};
  }
  void text(std::string_view piece) override { data_.text += piece; }
  void end(std::string_view element) override {
    if (element != "data") return;
    if (data_.where.line > 0) check_data();  // none inside another
    data_ = {};
  }

  /// Once the text has ended, where nodes may stand behind their edges.
  void check_edges() const {
    const std::set<std::string_view> nodes(ids_.begin(), ids_.end());
    for (std::size_t i = 0; i < edges_.size(); ++i)
      for (const auto& end : ends_[i])
        if (!nodes.contains(end)) issues_.error(edges_[i], "", fmt::format("an edge to \"{}\", which is no node", end));
    if (graphs_ == 0) issues_.error({name_, 1, 1}, "", "no <graph>");
  }

  bool directed() const { return directed_; }
  const std::vector<std::string>& ids() const { return ids_; }
  const std::vector<Position>& edges() const { return edges_; }

 private:
  struct Data {
    std::string key{}, text{};
    Position where{};
  };

  static bool wants_number(std::string_view name) { return name == "bytes_per_second" || name == "latency_seconds"; }

  bool directed_by(std::string_view text, const Position& where) {
    if (text != "directed" && text != "undirected")
      issues_.error(where, "", "a <graph> needs edgedefault=\"directed\" or \"undirected\"");
    return text == "directed";
  }

  void check_data() {
    const auto key = keys_.find(data_.key);
    if (key == keys_.end()) return issues_.error(data_.where, "", fmt::format("no <key id=\"{}\">", data_.key));
    if (!fits(key->second))
      issues_.error(data_.where, "", fmt::format("a number of type \"{}\" is expected", key->second));
  }

  bool fits(std::string_view type) const {
    if (type == "double") return number_in<double>(data_.text).has_value();
    if (type == "float") return number_in<float>(data_.text).has_value();
    if (type == "int") return number_in<int>(data_.text).has_value();
    if (type == "long") return number_in<long>(data_.text).has_value();
    return true;
  }

  std::string name_;
  Issues& issues_;
  bool directed_ = false;
  int graphs_ = 0;
  std::map<std::string, std::string> keys_;  ///< types
  std::vector<std::string> ids_;             ///< of nodes
  std::vector<Position> edges_;
  std::vector<std::array<std::string, 2>> ends_;
  Data data_;
};

}  // namespace

std::optional<ClusterSpecification> import_graphml(std::string_view text, const std::string& name, Issues& issues) {
  Outline outline(name, issues);
  if (!xml::visit(text, name, outline, issues)) return std::nullopt;
  outline.check_edges();
  if (issues.has_errors()) return std::nullopt;
  const auto read = [&](auto& graph) {
    std::istringstream stream{std::string(text)};
    auto properties = properties_of(graph);
    boost::read_graphml(stream, graph, properties);
    for (std::size_t v = 0; v < std::min(num_vertices(graph), outline.ids().size()); ++v)
      graph[v].id = outline.ids()[v];
  };
  const auto graph = read_boost_graph(read, outline.directed(), outline.edges(), {name, 1, 1}, "GraphML", issues);
  return graph ? cluster_of(*graph, issues) : std::nullopt;
}

}  // namespace plenum::topology
