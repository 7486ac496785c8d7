// Whose curve stands for a number format that has none, and which peak a format computes at.
#pragma once

#include "calibration/kernels/kernel_family.hpp"
#include "sim/core/precision.hpp"

namespace plenum::calibration {

/// The format with the same data path first; the end of every chain is bf16.
constexpr Precision relative_of(Precision p) {
  switch (p) {
    case Precision::mxfp8:
      return Precision::fp8_block;
    case Precision::fp8_block:
    case Precision::nvfp4:
      return Precision::fp8;
    case Precision::int4:
      return Precision::mxfp4;
    default:
      return Precision::bf16;
  }
}

/// The format that the matrix units compute in. Attention over a cache and formats of weights alone compute in bf16,
/// but mxfp4 takes mxfp8 activations where the chip has them. `has(p)`: the chip has units for p.
template <class Has>
Precision computes_in(KernelFamily family, Precision p, const Has& has) {
  if (family == KernelFamily::decode_attention || family == KernelFamily::mla_decode ||
      family == KernelFamily::mla_prefill)
    return Precision::bf16;
  if (p == Precision::mxfp4) p = Precision::mxfp8;
  return has(p) ? p : Precision::bf16;
}

}  // namespace plenum::calibration
