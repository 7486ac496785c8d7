// Which attention kernel runs matters as much as the GPU: frameworks without the architecture's own kernel use
// FlashAttention-2, written for Ampere.
#pragma once

#include <string_view>

namespace plenum::calibration {

/// Time of FlashAttention-2 / time of the architecture's own kernel. Hopper: FlashAttention-3 is 1.5 to 2.0 times as fast
/// forward and 1.5 to 1.75 times backward (arXiv 2407.08608, section 4.1; middle of each range). Blackwell runs the same
/// FlashAttention-2 code; taken as Hopper's, not measured. Ampere's own kernel is FlashAttention-2.
constexpr double flash_attention_2_slowdown(std::string_view architecture, bool backward) {
  if (architecture == "ampere") return 1;
  return backward ? 1.62 : 1.75;
}

/// FlashAttention-2's rate with heads of 64 / of 128, forward and backward, causal, long sequences (arXiv 2307.08691,
/// figures 4 and 6). Serving frameworks, whose kernels the tables hold, are slower with the former on Ampere.
inline constexpr double flash_attention_2_narrow_rate = 0.87;

/// Time of the first FlashAttention in Triton / time of FlashAttention-2 (arXiv 2307.08691, section 4.1: FlashAttention-2 is
/// 1.3 to 2.5 times as fast; the middle on a logarithmic scale).
inline constexpr double flash_attention_triton_slowdown = 1.8;

}  // namespace plenum::calibration
