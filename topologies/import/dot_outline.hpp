// The grammar of Graphviz's DOT language (graphviz.org/doc/info/lang.html), checked before Boost.Graph reads the text:
// complaints of Boost know no position, its parser calls itself for every brace, and it knows a part of the language.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/issue.hpp"

namespace plenum::topology {

struct DotOutline {
  bool directed = false;
  std::string plain;            ///< the same graph in the part of the language that Boost.Graph knows
  std::vector<Position> edges;  ///< of "--" and "->" between single vertices; empty where an end is a subgraph
};

inline constexpr int deepest_subgraph = 64;
inline constexpr std::size_t longest_identifier = 4096;  ///< bytes

/// Nothing with an error at its line and column. Values of bytes_per_second and latency_seconds are numbers.
std::optional<DotOutline> outline_of_dot(std::string_view text, const std::string& name, Issues&);

}  // namespace plenum::topology
