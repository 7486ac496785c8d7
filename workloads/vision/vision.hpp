// A vision encoder in front of a language model: a transformer over the patches of an image, whose tokens, a square of
// merged patches each, a small projector turns into tokens of the language model (LLaVA, arXiv 2304.08485; Qwen2-VL,
// arXiv 2409.12191).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/fields.hpp"

namespace plenum::workload {

struct Transformer;

struct Vision {
  std::int64_t layers = 0;
  std::int64_t used_layers = 0;  ///< the others stay in the checkpoint: LLaVA takes the last but one's; 0: all
  std::int64_t hidden = 0;
  std::int64_t heads = 0;
  std::int64_t ffn = 0;      ///< 0: 4 x hidden
  bool gated_mlp = false;    ///< Qwen2.5-VL
  bool rms_norm = false;     ///< Qwen2.5-VL; else layer norm
  bool rotary = false;       ///< Qwen, Llama 4
  bool layer_scale = false;  ///< InternVL: what attention and MLP found is scaled per channel
  std::int64_t patch = 14;   ///< pixels along a side
  std::int64_t frames = 1;   ///< of a patch; a single image is repeated (Qwen: 2)
  bool patch_bias = false;
  std::int64_t positions = 0;      ///< rows of learned position embeddings
  bool class_token = false;        ///< beside the patches
  bool keeps_class_token = false;  ///< and is handed on with them
  bool attention_biases = true;    ///< its products have biases
  std::int64_t gates = 0;          ///< learned factors, single numbers (Llama 3.2)
  std::int64_t tiles = 1;          ///< pictures of that size, which see each other, that an image is cut into
  std::int64_t levels = 1;         ///< layers whose outputs stand side by side in a token (Llama 3.2: 6)
  std::int64_t outer_norms = 0;    ///< before and behind the layers
  std::int64_t window = 0;         ///< patches that see each other in windowed layers; 0: all do (Qwen2.5-VL: 64)
  std::int64_t full_attention_every = 0;  ///< with a window: every n-th layer sees the whole image
  std::int64_t merge = 2;                 ///< patches along a side of a token
  bool pooled = false;                    ///< a token is the mean of its patches (Gemma 3); else they stand in a row
  /// Widths behind each matrix of the projector, the last the language model's; a matrix takes a token's merged
  /// patches.
  std::vector<std::int64_t> projector{};
  bool projector_biases = true;
  std::int64_t projector_norm = 0;  ///< elements of the norm before it; 0: none
  std::int64_t further_levels = 0;  ///< layers whose tokens also go, through projectors of their own, into the language
                                    ///< model's first layers (Qwen3-VL's DeepStack)
  std::int64_t height = 448, width = 448;  ///< pixels of an image

  std::int64_t patches() const { return tiles * (height / patch) * (width / patch); }
  /// Of an image, for the language model.
  std::int64_t tokens() const { return patches() / (merge * merge) + (keeps_class_token ? tiles : 0); }
  /// Tiles are filled up to multiples of eight (transformers, modeling_mllama.py).
  std::int64_t sequence() const {
    const std::int64_t tile = patches() / tiles + (class_token ? 1 : 0);
    return tiles > 1 ? tiles * ((tile + 7) / 8 * 8) : tile;
  }
  std::int64_t run_layers() const { return used_layers > 0 ? used_layers : layers; }
  std::int64_t patch_in() const { return 3 * frames * patch * patch; }
  std::int64_t merged() const { return levels * (pooled ? hidden : merge * merge * hidden); }
};

void describe(Fields&, Vision&);

/// Images that patches don't divide, ...; pointer below "vision", message with what would be right.
std::vector<std::pair<std::string, std::string>> check(const Vision&, std::int64_t language_width);

/// The encoder's layers as a transformer of their own, in which every patch sees all others; and those that run.
Transformer tower_of(const Vision&);
Transformer running_tower_of(const Vision&);

/// Elements: all of it; what stands outside of the layers; the projectors alone.
std::int64_t vision_parameters(const Vision&);
std::int64_t outer_vision_parameters(const Vision&);
std::int64_t projector_parameters(const Vision&);

}  // namespace plenum::workload
