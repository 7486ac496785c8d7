// How much slower one thread of a GPU's host is than on the x86 servers where the host times of engines were measured.
#pragma once

#include <string_view>

namespace plenum::calibration {

/// Superchips have Grace, whose cores take 1.6 times as long for what PyTorch and a serving engine do between kernels:
/// TensorRT-LLM's published throughput where steps wait for the host (Qwen3-30B, prompts of 128 tokens), GB200 / B200.
double host_slowdown(std::string_view device);

}  // namespace plenum::calibration
