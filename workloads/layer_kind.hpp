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
  state_space        ///< Mamba-2 or Gated DeltaNet: a state of fixed size instead of keys and values
};
enum class Mlp : std::uint8_t { none, dense, experts };

struct LayerKind {
  Mixer mixer = Mixer::attention;
  Mlp mlp = Mlp::dense;
  bool windowed = false;  ///< attention sees the last `window` tokens only
  auto operator<=>(const LayerKind&) const = default;
};

/// Layers of one kind, not necessarily next to each other.
struct LayerCount {
  LayerKind kind;
  std::int64_t count = 0;
  bool operator==(const LayerCount&) const = default;
};

}  // namespace plenum::workload
