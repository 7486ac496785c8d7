// Kernels that read and write and hardly compute, as far as their rates were measured apart: a norm's backward pass or
// a cast reaches another share of the memory's bandwidth than a copy does.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace plenum {

enum class MemoryKernel : std::uint8_t {
  stream,  ///< a copy, a sum of two tensors, and whatever has no rate of its own
  norm,
  norm_backward,
  activation,  ///< gated
  activation_backward,
  rotary,  ///< either pass
  loss,    ///< cross entropy over logits
  loss_backward,
  cast,           ///< into 8 bits, with the search for the scale
  optimizer,      ///< Adam on fp32 states
  gradient_cast,  ///< 16 bits to fp32
};

inline constexpr std::array<std::string_view, 11> memory_kernel_names{
    "stream", "norm",          "norm_backward", "activation", "activation_backward", "rotary",
    "loss",   "loss_backward", "cast",          "optimizer",  "gradient_cast"};

constexpr std::string_view name_of(MemoryKernel k) { return memory_kernel_names[static_cast<std::size_t>(k)]; }
inline std::span<const std::string_view> names_of(MemoryKernel) { return memory_kernel_names; }

}  // namespace plenum
