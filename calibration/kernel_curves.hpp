// What a device file holds beside the specification: surfaces of kernel times and a few constants. See README.md.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "calibration/kernels/roofline_curves.hpp"
#include "calibration/surface.hpp"
#include "sim/core/memory_kernel.hpp"
#include "sim/core/precision.hpp"

namespace plenum::calibration {

/// Rows of a matrix product that count: no tile has fewer than 16; up to `resolved_rows` the surface has nodes at the
/// edges of tiles; above, half of the rounding to tiles of 128 (in the logarithm) shows in the time, because libraries
/// choose among tile shapes.
double effective_rows(double m);

/// Median |error| on held-out kernels of more than 50 us.
struct HeldOutError {
  std::string family;
  Precision precision{};
  double median = 0;
};

struct KernelCurves {
  /// Over (effective rows m, n, k).
  std::array<std::optional<PreparedSurface>, precision_names.size()> matrix_product;
  /// Causal forward over (sequence length, batch x heads, KV heads / heads), by ascending head dimension.
  struct AttentionCurve {
    double head_dim = 0;
    PreparedSurface surface;
  };
  std::array<std::vector<AttentionCurve>, precision_names.size()> attention, attention_backward;

  double launch_microseconds = 0;         ///< the shortest product
  double memory_launch_microseconds = 0;  ///< the shortest memory-bound kernel
  double memory_fraction = 1;             ///< achieved / specified memory bandwidth
  std::array<std::array<double, 2>, memory_kernel_names.size()> memory_fractions{};  ///< of kinds, eager and fused
  double attention_backward_rate = 1;  ///< FLOP rate of the backward pass / of the forward pass, without its own curve
  std::array<double, precision_names.size()> sustained_slowdown{};
  bool under_load = false;  ///< products were timed at the clock of sustained work
  /// At one clock, beyond idling: power of kernels that read and write / of products, 1 when unknown; and the clock
  /// that the former have alone / the one that products have.
  double draw_of_memory = 1, fastest_clock = 1;
  std::vector<HeldOutError> held_out;  ///< of training's kernels
  RooflineCurves rooflines;            ///< kernels of serving and of experts
  double compute_scale = 1;    ///< of an inheriting device: what is known of its compute rate / the ratio of the peaks
  double attention_scale = 1;  ///< the same of attention over prompts, besides
  bool inherited = false;      ///< curves of a relative, scaled
  bool attention_inherited = false;  ///< this alone
};

}  // namespace plenum::calibration
