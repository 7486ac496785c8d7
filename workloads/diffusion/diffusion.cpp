#include "workloads/diffusion/diffusion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace plenum::workload {
namespace {

constexpr Range size_range = between(1, 1 << 16);
constexpr Range size_or_none = between(0, 1 << 20);

using Problems = std::vector<std::pair<std::string, std::string>>;

/// "720 or 736": the multiples on both sides.
std::string multiples_near(std::int64_t value, std::int64_t of) {
  const std::int64_t below = value / of * of;
  return below > 0 ? fmt::format("{} or {}", below, below + of) : fmt::format("{}", of);
}

void check_side(Problems& problems, const Diffusion& d, const char* name, std::int64_t pixels) {
  const std::int64_t of = d.autoencoder.compression * d.patch;
  if (pixels % of != 0)
    problems.emplace_back(fmt::format("/{}", name),
                          fmt::format("{} pixels are no whole patches of {} x {} latents of {} pixels; {} would be",
                                      pixels, d.patch, d.patch, d.autoencoder.compression, multiples_near(pixels, of)));
}

void check_frames(Problems& problems, const Diffusion& d) {
  const std::int64_t of = d.autoencoder.frame_compression * d.frame_patch, more = d.frames - 1;
  if (more % d.autoencoder.frame_compression == 0 && d.latent_frames() % d.frame_patch == 0) return;
  const std::int64_t below = more / of * of + 1;
  problems.emplace_back("/frames", fmt::format("{} frames are not one and whole groups of {}; {} or {} would be",
                                               d.frames, of, below, below + of));
}

}  // namespace

std::span<const std::string_view> names_of(Conditioning) {
  static constexpr std::array<std::string_view, 3> names{"classes", "cross-attention", "joint-attention"};
  return names;
}

void describe(Fields& fields, Autoencoder& a) {
  fields.optional("channels", a.channels, "Channels of the decoder by resolution, the full one first");
  fields.optional("blocks", a.blocks, "Residual blocks of a resolution when encoding; one more when decoding",
                  size_range);
  fields.optional("frame_kernel", a.frame_kernel, "Frames that a convolution sees; 1: images", between(1, 3));
  fields.optional("compression", a.compression, "Pixels along a side of a latent", between(1, 64));
  fields.optional("frame_compression", a.frame_compression, "Frames of a latent, but for the first", between(1, 64));
  fields.optional("latent", a.latent, "Channels of a latent", size_range);
}

void describe(Fields& fields, Diffusion& d) {
  fields.optional("conditioning", d.conditioning, "How the model is told what to make");
  fields.optional("single_layers", d.single_layers,
                  "Of the layers the last ones, with text and patches in one stream (FLUX)", size_or_none);
  fields.optional("text_ends", d.text_ends, "The last layer only reads the text (SD3)");
  fields.optional("shared_modulation", d.shared_modulation, "One product modulates all layers (Wan)");
  fields.optional("norm_across_heads", d.norm_across_heads, "qk_norm goes over all heads together (Wan)");
  fields.optional("rotary", d.rotary, "Rotary positions; false: they are added to the patches");
  fields.optional("guidance_embedded", d.guidance_embedded, "Guidance is an input of the model (distilled)");
  fields.optional("refiner_layers", d.refiner_layers, "Layers that the text goes through first (HunyuanVideo)",
                  size_or_none);
  fields.optional("classes", d.classes, "Rows of the table of classes, with the empty one (DiT)", size_or_none);
  fields.optional("text_tokens", d.text_tokens, "Tokens of a text, padded", size_or_none);
  fields.optional("text_width", d.text_width, "Width of what the text encoder gives per token", size_or_none);
  fields.optional("pooled_width", d.pooled_width, "Width of the vector for the whole text; 0: there is none",
                  size_or_none);
  fields.optional("text_encoder", d.text_encoder, "Committed model that encodes texts; empty: they come encoded");
  fields.optional("channels_in", d.channels_in, "Channels of a latent that comes in; 0: the autoencoder's",
                  size_or_none);
  fields.optional("channels_out", d.channels_out, "Channels of a latent that goes out; 0: as many as come in",
                  size_or_none);
  fields.optional("patch", d.patch, "Latents along a side of a patch", between(1, 64));
  fields.optional("frame_patch", d.frame_patch, "Frames of latents in a patch", between(1, 64));
  fields.optional("autoencoder", d.autoencoder, "How latents become pixels");
  fields.optional("height", d.height, "Pixels", size_range);
  fields.optional("width", d.width, "Pixels", size_range);
  fields.optional("frames", d.frames, "1: an image", between(1, 1 << 16));
}

Problems check(const Diffusion& d, std::int64_t layers) {
  Problems problems;
  check_side(problems, d, "height", d.height);
  check_side(problems, d, "width", d.width);
  check_frames(problems, d);
  if (d.single_layers > layers)
    problems.emplace_back("/single_layers", fmt::format("{} of {} layers", d.single_layers, layers));
  if (d.single_layers > 0 && !d.joint())
    problems.emplace_back("/single_layers", "only joint-attention has text in the stream; 0 would be right");
  if (d.conditioning == Conditioning::classes && d.classes == 0)
    problems.emplace_back("/classes", "conditioning by classes needs their number");
  if (d.conditioning != Conditioning::classes && d.text_tokens == 0)
    problems.emplace_back("/text_tokens", "conditioning by a text needs its tokens");
  if (d.autoencoder.channels.empty() || std::ranges::any_of(d.autoencoder.channels, [](auto c) { return c < 1; }))
    problems.emplace_back("/autoencoder/channels", "a number of channels per resolution is expected, each at least 1");
  return problems;
}

}  // namespace plenum::workload
