// What the kernels of serving and of mixture-of-experts models are asked for: sizes on one GPU, in the field's words.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace plenum::calibration {

/// Whose kernels run. `any`: the one that stands for the family, see README.md; `cutlass`: experts by FlashInfer's
/// CUTLASS kernels, which it has from TensorRT-LLM.
enum class Framework : std::uint8_t { any, vllm, sglang, tensorrt_llm, cutlass };
inline constexpr std::array<std::string_view, 5> framework_names{"any", "vllm", "sglang", "tensorrt_llm", "cutlass"};
constexpr std::string_view name_of(Framework f) { return framework_names[static_cast<std::size_t>(f)]; }
inline std::span<const std::string_view> names_of(Framework) { return framework_names; }

/// Multi-head latent attention (DeepSeek V2, V3): the attention kernel alone, without the projections around it.
struct MlaShape {
  std::int64_t batch = 0;
  std::int64_t heads = 0;             ///< on this GPU
  std::int64_t query_length = 1;      ///< new tokens per sequence
  std::int64_t kv_length = 0;         ///< cached and new tokens per sequence
  std::int64_t latent = 512;          ///< rank of the compressed keys and values
  std::int64_t rope_dim = 64;         ///< of the key part that carries the position
  std::int64_t nope_head_dim = 128;   ///< of the other part of a key, decompressed
  std::int64_t value_head_dim = 128;  ///< decompressed
};

/// How evenly the router spreads tokens over experts.
enum class Routing : std::uint8_t {
  balanced,  ///< forced balance, as in training benchmarks
  skewed     ///< popularity by a power law (exponent 1.2), as serving meets it
};

/// The routed experts of one layer on one GPU: permutation, two grouped products, activation, weighted sum.
struct MoeShape {
  std::int64_t tokens = 0;  ///< that the router spreads over all `experts`; not yet multiplied by top_k
  std::int64_t hidden = 0;
  std::int64_t ffn = 0;            ///< of one expert on this GPU: divided by expert tensor parallelism
  std::int64_t experts = 0;        ///< routed experts of the layer
  std::int64_t local_experts = 0;  ///< of them on this GPU
  std::int64_t top_k = 0;
  bool gated = true;  ///< SwiGLU: the first product is twice as wide
  Routing routing = Routing::balanced;
};

}  // namespace plenum::calibration
