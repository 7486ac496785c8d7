// Kinds of layers. A layer mixes information between tokens, then transforms every token alone; hybrid models have
// layers that do only one of the two.
#pragma once

#include <compare>
#include <cstdint>

namespace plenum::workload {

enum class Mixer : std::uint8_t {
  none,
  attention,         ///< multi-head or grouped-query
  latent_attention,  ///< DeepSeek's MLA: keys and values come from a narrow latent vector
  state_space,       ///< Mamba-2 or Gated DeltaNet: a state of fixed size instead of keys and values
  cross_attention,   ///< to the tokens of images, whose keys and values a vision encoder gives (Llama 3.2 Vision)
  // Whole blocks of diffusion transformers, MLP included.
  denoising,      ///< one stream of patches; may attend to a text as well (DiT, Wan)
  double_stream,  ///< text and patches, each in weights of its own, attend to all (MMDiT, FLUX)
  text_end,       ///< the same, of which the text is only read (SD3's last)
  single_stream   ///< text and patches in the same weights, attention beside the MLP (FLUX)
};
enum class Mlp : std::uint8_t { none, dense, experts };

struct LayerKind {
  Mixer mixer = Mixer::attention;
  Mlp mlp = Mlp::dense;
  bool windowed = false;  ///< attention sees the last `window` tokens only
  auto operator<=>(const LayerKind&) const = default;
};

constexpr bool is_denoising(Mixer mixer) { return mixer >= Mixer::denoising; }

/// Layers of one kind, not necessarily next to each other.
struct LayerCount {
  LayerKind kind;
  std::int64_t count = 0;
  bool operator==(const LayerCount&) const = default;
};

}  // namespace plenum::workload
