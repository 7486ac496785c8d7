// What makes a transformer a diffusion transformer: it denoises the latent patches of an image or video, all of them at
// once, guided by a text (or a class) and by how noisy they are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/fields.hpp"

namespace plenum::workload {

/// What tells the model what to make: a class (DiT, arXiv 2212.09748), a text that patches attend to (Wan, arXiv
/// 2503.20314), or a text whose tokens go along with the patches, in weights of their own (MMDiT, arXiv 2403.03206).
enum class Conditioning : std::uint8_t { classes, cross_attention, joint_attention };

/// Decoder from latents to pixels: residual blocks of two 3 x 3 convolutions (diffusers, AutoencoderKL).
struct Autoencoder {
  std::vector<std::int64_t> channels{128, 256, 512, 512};  ///< by resolution, full one first
  std::int64_t blocks = 2;                                 ///< of a resolution when encoding; one more when decoding
  std::int64_t frame_kernel = 1;                           ///< 3: convolutions go over neighbouring frames as well
  std::int64_t compression = 8;                            ///< pixels along a side of a latent
  std::int64_t frame_compression = 1;                      ///< frames of a latent, but for the first
  std::int64_t latent = 16;                                ///< channels of a latent
};

struct Diffusion {
  Conditioning conditioning = Conditioning::joint_attention;
  std::int64_t single_layers = 0;   ///< the last ones: text and patches in one stream, attention beside the MLP (FLUX)
  bool text_ends = false;           ///< the last layer only reads the text (SD3)
  bool shared_modulation = false;   ///< one product modulates all layers, each adds a table of its own (Wan)
  bool norm_across_heads = false;   ///< queries and keys are normalized over all heads together (Wan)
  bool rotary = true;               ///< else positions are added to the patches
  bool guidance_embedded = false;   ///< guidance is an input (distilled): one pass per step
  std::int64_t refiner_layers = 0;  ///< that the text goes through first (HunyuanVideo)
  std::int64_t classes = 0;         ///< rows of the table of classes, with the empty one
  std::int64_t text_tokens = 512;
  std::int64_t text_width = 4096;  ///< of what the text encoder gives per token
  std::int64_t pooled_width = 0;   ///< of a vector for the whole text; 0: none
  std::string text_encoder{};      ///< a model of the catalogue, without its head; empty: texts come encoded
  std::int64_t channels_in = 0;    ///< of a latent; 0: the autoencoder's
  std::int64_t channels_out = 0;   ///< 0: as many as come in
  std::int64_t patch = 2;          ///< latents along a side of a patch
  std::int64_t frame_patch = 1;    ///< frames of latents in a patch
  Autoencoder autoencoder{};
  std::int64_t height = 1024, width = 1024;  ///< pixels
  std::int64_t frames = 1;

  std::int64_t latent_height() const { return height / autoencoder.compression; }
  std::int64_t latent_width() const { return width / autoencoder.compression; }
  std::int64_t latent_frames() const { return (frames - 1) / autoencoder.frame_compression + 1; }
  std::int64_t visual_tokens() const {
    return latent_frames() / frame_patch * (latent_height() / patch) * (latent_width() / patch);
  }
  bool joint() const { return conditioning == Conditioning::joint_attention; }
  bool crosses() const { return conditioning == Conditioning::cross_attention; }
  std::int64_t joint_text_tokens() const { return joint() ? text_tokens : 0; }
  std::int64_t sequence() const { return visual_tokens() + joint_text_tokens(); }
  std::int64_t patch_in() const { return channels_in * patch * patch * frame_patch; }
  std::int64_t patch_out() const { return channels_out * patch * patch * frame_patch; }
};

std::span<const std::string_view> names_of(Conditioning);
void describe(Fields&, Autoencoder&);
void describe(Fields&, Diffusion&);

/// Resolutions and frames that don't divide, ...; pointer below "diffusion", message with what would be right.
std::vector<std::pair<std::string, std::string>> check(const Diffusion&, std::int64_t layers);

}  // namespace plenum::workload
