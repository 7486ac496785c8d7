// Number formats of tensors on GPUs. fp8 is per-tensor scaled (delayed or current), fp8_block is 1x128 / 128x128 scaled
// (DeepSeek style), mxfp8 is the 1x32 microscaling format of Blackwell, nvfp4 is 1x16 scaled FP4. Formats of weights alone:
// mxfp4 is 1x32 scaled FP4 (activations mxfp8 on Blackwell, bf16 before), int4 is scaled integers (activations bf16).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace plenum {

enum class Precision : std::uint8_t { fp32, tf32, fp16, bf16, int8, fp8, fp8_block, mxfp8, nvfp4, mxfp4, int4 };

inline constexpr std::array<std::string_view, 11> precision_names{
    "fp32", "tf32", "fp16", "bf16", "int8", "fp8", "fp8_block", "mxfp8", "nvfp4", "mxfp4", "int4"};

constexpr std::string_view name_of(Precision p) { return precision_names[static_cast<std::size_t>(p)]; }

inline std::span<const std::string_view> names_of(Precision) { return precision_names; }

/// Storage of one element, without scales.
constexpr double bytes_per_element(Precision p) {
  switch (p) {
    case Precision::fp32:
    case Precision::tf32: return 4;
    case Precision::fp16:
    case Precision::bf16: return 2;
    case Precision::nvfp4:
    case Precision::mxfp4:
    case Precision::int4: return 0.5;
    default: return 1;
  }
}

}  // namespace plenum
