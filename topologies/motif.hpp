// What a fabric is, in a sentence and in a small drawing of the same shape with few switches: rows of a thousand
// switches with arcs between them don't show it.
#pragma once

#include <string>

#include "topologies/specification.hpp"

namespace plenum::topology {

/// Empty where rows of switches say it all.
std::string shape_in_words(const ClusterSpecification&);

struct Motif {
  std::string svg{};      ///< within a square of motif_size, from (0, 0)
  std::string caption{};  ///< what is drawn
};
inline constexpr double motif_size = 170;

/// Empty for fabrics whose rows of switches say it all. Precondition: the specification passes its checks.
Motif motif(const ClusterSpecification&);

}  // namespace plenum::topology
