#include "workloads/diffusion/diffusers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace plenum::workload {
namespace {

/// The decoder of Stable Diffusion and FLUX is the struct's default; HunyuanVideo's sees neighbouring frames.
constexpr std::int64_t frames_seen = 3, frames_of_latent = 4;

void read_heads(ConfigReader& reader, Transformer& model) {
  reader.size("num_layers", model.layers, true);
  reader.size("num_attention_heads", model.heads, true);
  reader.size("attention_head_dim", model.head_dim, true);
  model.hidden = model.heads * model.head_dim;
}

void read_latents(ConfigReader& reader, Diffusion& d) {
  reader.size("in_channels", d.channels_in, true);
  reader.size("out_channels", d.channels_out, false);
}

void read_flux(ConfigReader& reader, Transformer& model) {
  Diffusion& d = *model.diffusion;
  reader.size("num_single_layers", d.single_layers, true);
  reader.size("joint_attention_dim", d.text_width, true);
  reader.size("pooled_projection_dim", d.pooled_width, true);
  read_latents(reader, d);
  d.channels_in /= 4;  // the pipeline packs 2 x 2 latents into one channel vector
  d.channels_out /= 4;
  d.guidance_embedded = reader.flag("guidance_embeds", false);
  d.text_encoder = "T5-XXL-encoder";
  model.layers += d.single_layers;
  model.qk_norm = true;
}

void read_sd3(ConfigReader& reader, Transformer& model) {
  Diffusion& d = *model.diffusion;
  reader.size("joint_attention_dim", d.text_width, true);
  reader.size("pooled_projection_dim", d.pooled_width, true);
  reader.size("patch_size", d.patch, true);
  read_latents(reader, d);
  std::int64_t side = 128;
  reader.size("sample_size", side, false);
  d.height = d.width = side * d.autoencoder.compression;
  d.text_tokens = 333;  // 77 of CLIP, 256 of T5
  d.text_ends = true;
  d.rotary = false;
  d.text_encoder = "T5-XXL-encoder";
  model.qk_norm = !reader.text("qk_norm").empty();
  const json::Value* dual = reader.present("dual_attention_layers");
  if (dual && dual->is_array() && !std::get<json::Array>(dual->data).empty())
    reader.error(*dual, "dual_attention_layers", "layers with a second attention are not modelled");
}

void read_dit(ConfigReader& reader, Transformer& model) {
  Diffusion& d = *model.diffusion;
  reader.size("patch_size", d.patch, true);
  read_latents(reader, d);
  std::int64_t side = 32;
  reader.size("sample_size", side, false);
  reader.size("num_embeds_ada_norm", d.classes, true);
  d.height = d.width = side * d.autoencoder.compression;
  d.classes += 1;  // the empty one
  d.conditioning = Conditioning::classes;
  d.text_tokens = d.text_width = 0;
  d.rotary = false;
  d.autoencoder.latent = d.channels_in;
}

/// Three numbers: frames, height, width.
void read_patch(ConfigReader& reader, Diffusion& d) {
  const json::Value* patch = reader.present("patch_size");
  const auto* sizes = patch ? std::get_if<json::Array>(&patch->data) : nullptr;
  std::array<std::int64_t, 3> read{};
  for (std::size_t i = 0; sizes && sizes->size() == 3 && i < 3; ++i)
    if (const auto* number = std::get_if<std::int64_t>(&(*sizes)[i].data)) read[i] = *number;
  const bool good = read[0] >= 1 && read[1] >= 1 && read[1] == read[2] && read[0] <= 64 && read[1] <= 64;
  if (!good)
    return reader.error(patch ? *patch : reader.config, patch ? "patch_size" : "",
                        "\"patch_size\": expected frames, height and width of a patch, such as [1, 2, 2]");
  d.frame_patch = read[0];
  d.patch = read[1];
}

void refuse_image_conditioning(ConfigReader& reader) {
  for (const std::string_view key : {"image_dim", "added_kv_proj_dim"})
    if (const json::Value* value = reader.present(key))
      reader.error(*value, key, "conditioning by an image is not modelled; null would be right (text to video)");
}

void read_wan(ConfigReader& reader, Transformer& model) {
  Diffusion& d = *model.diffusion;
  read_patch(reader, d);
  reader.size("ffn_dim", model.ffn, true);
  reader.size("text_dim", d.text_width, true);
  read_latents(reader, d);
  refuse_image_conditioning(reader);
  d.conditioning = Conditioning::cross_attention;
  d.shared_modulation = d.norm_across_heads = true;
  d.text_encoder = "UMT5-XXL-encoder";
  // AutoencoderKLWan: base_dim 96, dim_mult 1, 2, 4, 4
  d.autoencoder.channels = {96, 192, 384, 384};
  d.autoencoder.frame_kernel = frames_seen;
  d.autoencoder.frame_compression = frames_of_latent;
  d.height = 720;
  d.width = 1280;
  d.frames = 81;
  model.qk_norm = true;
}

void read_hunyuan(ConfigReader& reader, Transformer& model) {
  Diffusion& d = *model.diffusion;
  reader.size("num_single_layers", d.single_layers, true);
  reader.size("num_refiner_layers", d.refiner_layers, true);
  reader.size("text_embed_dim", d.text_width, true);
  reader.size("pooled_projection_dim", d.pooled_width, true);
  reader.size("patch_size", d.patch, true);
  reader.size("patch_size_t", d.frame_patch, true);
  read_latents(reader, d);
  d.guidance_embedded = reader.flag("guidance_embeds", false);
  d.text_tokens = 256;
  d.text_encoder = "LLAMA3-8B";
  d.autoencoder.frame_kernel = frames_seen;
  d.autoencoder.frame_compression = frames_of_latent;
  d.height = 720;
  d.width = 1280;
  d.frames = 129;
  model.layers += d.single_layers;
  model.qk_norm = true;
}

struct Class {
  std::string_view name;
  void (*read)(ConfigReader&, Transformer&);
};
constexpr std::array<Class, 5> classes{{{"FluxTransformer2DModel", read_flux},
                                        {"SD3Transformer2DModel", read_sd3},
                                        {"DiTTransformer2DModel", read_dit},
                                        {"WanTransformer3DModel", read_wan},
                                        {"HunyuanVideoTransformer3DModel", read_hunyuan}}};

void report_unknown(ConfigReader& reader, const std::string& name) {
  std::vector<std::string> known;
  for (const Class& each : classes) known.emplace_back(each.name);
  const json::Value* at = reader.present("_class_name");
  reader.error(at ? *at : reader.config, at ? "_class_name" : "",
               fmt::format("unknown class \"{}\"{}; known: {}", name, suggestion(name, known), fmt::join(known, ", ")));
}

}  // namespace

std::optional<Transformer> from_diffusers(ConfigReader& reader) {
  const std::string name = reader.text("_class_name");
  const auto* found = std::ranges::find(classes, name, &Class::name);
  if (found == classes.end()) {
    report_unknown(reader, name);
    return std::nullopt;
  }
  Transformer model;
  model.name = reader.text("_name_or_path");
  if (model.name.empty()) model.name = name;
  model.diffusion.emplace();
  read_heads(reader, model);
  found->read(reader, model);
  return model;
}

}  // namespace plenum::workload
