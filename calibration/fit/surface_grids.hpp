// Where the surfaces of matrix products and of attention have their nodes, and where a shape lies among them.
#pragma once

#include "calibration/measurements.hpp"
#include "calibration/surface.hpp"

namespace plenum::calibration {

std::array<std::vector<double>, 3> product_nodes();    ///< (effective rows, n, k)
std::array<std::vector<double>, 3> attention_nodes();  ///< (length, batch x heads, KV heads / heads)

Sizes sizes_of(const ProductShape&);
Sizes sizes_of(const AttentionShape&);

}  // namespace plenum::calibration
