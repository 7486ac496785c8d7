// What a kernel does beside the rows it was given: few numbers per curve, which the fit finds by trying.
#pragma once

#include <cmath>

namespace plenum::calibration {

struct KernelHabits {
  double unrouted = 0;   ///< experts: share of other GPUs' rows that it walks
  double computed = 0;   ///< experts: share of the rows beside its own that it computes
  double expert = 0;     ///< experts: us for each one on the GPU, with rows or without
  double step = 0;       ///< experts: us per column that a block walks, see MoeRoofline
  double empty_row = 0;  ///< linear layers: rows that each row costs which the last tile lacks
};

/// Up to so many rows curves have nodes at the edges of tiles.
inline constexpr double resolved_rows = 512;

/// Rows that a linear layer costs. Above `resolved_rows` the tables have one pair of times for every 256 rows, at a
/// multiple and one above: a tile that is all but empty costs up to 1.5 times a full one.
inline double rows_with_empty(double m, double empty_row) {
  constexpr double tile = 256;
  return m <= resolved_rows ? m : m + empty_row * (tile * std::ceil(m / tile) - m);
}

}  // namespace plenum::calibration
