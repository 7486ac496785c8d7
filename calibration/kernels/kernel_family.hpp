// The kernel families whose times stand on rooflines: for each the three sizes of its surface, the grid of nodes, and
// the roofline itself, in microseconds. Fits and queries use the same.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "calibration/kernels/kernel_shapes.hpp"
#include "calibration/kernels/roofline_surface.hpp"
#include "sim/core/precision.hpp"

namespace plenum::calibration {

enum class KernelFamily : std::uint8_t {
  prefill_attention,  ///< causal: (tokens, batch x heads, KV heads / heads)
  decode_attention,   ///< one query token: (batch x KV heads, context, heads / KV heads)
  mla_prefill,        ///< (tokens, batch, heads)
  mla_decode,         ///< (batch, context, heads)
  mla_absorption,     ///< batched products around mla_decode: (tokens, heads, 1 before it or 2 after it)
  moe,                ///< balanced routing: (rows per active expert, active experts, ffn of an expert)
  moe_skewed,         ///< the same on the busiest GPU when popularity follows a power law
  linear_layer        ///< product with the cast of its activations: (m, n, k)
};
inline constexpr std::array<std::string_view, 8> family_names{"prefill_attention", "decode_attention", "mla_prefill",
                                                              "mla_decode",        "mla_absorption",   "moe",
                                                              "moe_skewed",        "linear_layer"};
constexpr std::string_view name_of(KernelFamily f) { return family_names[static_cast<std::size_t>(f)]; }
inline std::span<const std::string_view> names_of(KernelFamily) { return family_names; }

const RooflineGrid& grid_of(KernelFamily);

/// What a GPU does per microsecond: bytes of its memory, operations of its matrix units. `floor`: the shortest kernel.
struct Rates {
  double bytes = 1, flops = 1, floor = 1;
  double microseconds(double moved, double operations) const { return floor + moved / bytes + operations / flops; }
};

inline constexpr double activation = 2;  // bytes of an element of queries, results and activations

struct PrefillRoofline {
  Rates rates;
  double head_dim = 128, element = 2;
  double cached_per_token = 0;  ///< tokens before the prompt / the prompt's own tokens
  double operator()(const Sizes& s) const {
    const double keys = s[0] * (1 + cached_per_token), scores = s[0] * s[0] * (0.5 + cached_per_token);
    return rates.microseconds(s[1] * head_dim * ((element + activation) * s[0] + 2 * element * s[2] * keys),
                              4 * head_dim * s[1] * scores);
  }
};

struct DecodeRoofline {
  Rates rates;
  double head_dim = 128, element = 2;
  double operator()(const Sizes& s) const {
    return rates.microseconds(s[0] * 2 * head_dim * (s[1] * element + s[2] * activation),
                              4 * head_dim * s[0] * s[1] * s[2]);
  }
};

struct MlaPrefillRoofline {
  Rates rates;
  double key_dim = 192, value_dim = 128;
  double cached_per_token = 0;
  double operator()(const Sizes& s) const {
    const double wide = key_dim + value_dim, scores = s[0] * s[0] * (0.5 + cached_per_token);
    return rates.microseconds(activation * s[1] * s[2] * s[0] * wide * (2 + cached_per_token),
                              2 * wide * s[1] * s[2] * scores);
  }
};

struct MlaDecodeRoofline {
  Rates rates;
  double latent = 512, rope_dim = 64, element = 2;
  double operator()(const Sizes& s) const {
    const double wide = 2 * latent + rope_dim;
    return rates.microseconds(s[0] * (s[1] * (latent + rope_dim) * element + s[2] * wide * activation),
                              2 * wide * s[0] * s[1] * s[2]);
  }
};

struct AbsorptionRoofline {
  Rates rates;
  double inner_outer = 128 * 512, inner_and_outer = 128 + 512;
  double element = 2;
  double operator()(const Sizes& s) const {
    return rates.microseconds(s[1] * (inner_outer * element + s[0] * inner_and_outer * activation),
                              2 * s[0] * s[1] * inner_outer);
  }
};

struct MoeRoofline {
  Rates rates;
  double hidden = 4096, matrices = 3;  ///< matrices: 3 when gated, else 2
  double element = 2;
  double unrouted = 0;  ///< rows that belong to other GPUs' experts and that the kernels walk all the same
  double experts = 0;   ///< us for all experts on the GPU, with rows or without
  double step = 0;      ///< us per column that a block walks: hidden for one product, ffn for the other
  double operator()(const Sizes& s) const {
    const double weights = matrices * hidden * s[2], rows = s[0] * s[1];
    return experts + step * (hidden + s[2]) +
           rates.microseconds(
               s[1] * weights * element + activation * (rows + unrouted) * (4 * hidden + matrices * s[2]),
               2 * rows * weights);
  }
};

struct LinearRoofline {
  Rates rates;
  double element = 1;
  double operator()(const Sizes& s) const {
    return rates.microseconds(element * s[2] * (s[0] + s[1]) + activation * s[0] * (s[1] + s[2]),
                              2 * s[0] * s[1] * s[2]);
  }
};

}  // namespace plenum::calibration
