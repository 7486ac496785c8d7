#include "workloads/hugging_face_vision.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace plenum::workload {
namespace {

/// A whole number, or a list of them; anything else is complained of. Nothing when it is not there.
std::vector<std::int64_t> numbers_of(ConfigReader& reader, std::string_view key) {
  const json::Value* value = reader.present(key);
  std::vector<std::int64_t> numbers;
  const auto take = [&](const json::Value& one) {
    if (const auto* number = std::get_if<std::int64_t>(&one.data)) return numbers.push_back(*number);
    reader.error(*value, key, fmt::format("expected whole numbers, found {}", one.kind()));
  };
  if (value && value->is_array())
    for (const json::Value& one : std::get<json::Array>(value->data)) take(one);
  else if (value)
    take(*value);
  return numbers;
}

/// Height and width; one number stands for both.
void read_sides(ConfigReader& reader, std::string_view key, std::int64_t& height, std::int64_t& width) {
  const auto sides = numbers_of(reader, key);
  if (sides.empty()) return;
  if (std::ranges::any_of(sides, [](auto side) { return side < 1 || side > most_of_a_size; }) || sides.size() > 2)
    return reader.error(*reader.present(key), key, "expected one or two whole numbers from 1 on");
  height = sides.front();
  width = sides.back();
}

void read_side(ConfigReader& reader, std::string_view key, std::int64_t& target) {
  std::int64_t other = target;
  read_sides(reader, key, target, other);
}

std::size_t length_of(const ConfigReader& reader, std::string_view key) {
  const json::Value* value = reader.present(key);
  return value && value->is_array() ? std::get<json::Array>(value->data).size() : 0;
}

/// A half in each direction merges two patches along a side.
std::int64_t merge_of(ConfigReader& reader, std::string_view key) {
  const json::Value* value = reader.present(key);
  if (!value) return 2;
  double ratio = 0;
  if (const auto* whole = std::get_if<std::int64_t>(&value->data)) ratio = static_cast<double>(*whole);
  if (const auto* part = std::get_if<double>(&value->data)) ratio = *part;
  if (ratio > 0 && ratio <= 1) return std::llround(1 / ratio);
  reader.error(*value, key, "expected a ratio above 0, at most 1");
  return 2;
}

void read_sizes(ConfigReader& reader, Vision& vision) {
  reader.size({"num_hidden_layers", "depth"}, vision.layers, true, most_layers);
  reader.size({"embed_dim", "hidden_size"}, vision.hidden, true);
  reader.size({"num_attention_heads", "num_heads", "attention_heads"}, vision.heads, true);
  reader.size("intermediate_size", vision.ffn, false);
  read_side(reader, "patch_size", vision.patch);
}

void read_image(ConfigReader& reader, Vision& vision) {
  vision.width = vision.height;
  read_sides(reader, "image_size", vision.height, vision.width);
  vision.class_token = true;
  vision.positions = vision.sequence();
}

/// Qwen2-VL (arXiv 2409.12191): patches of two frames, four to a token; two matrices behind a norm make it.
void read_qwen2(ConfigReader& reader, ConfigReader&, Transformer& model, Vision& vision) {
  vision.rotary = true;
  std::int64_t ratio = 4;
  reader.size("mlp_ratio", ratio, false);
  vision.ffn = ratio * vision.hidden;
  vision.frames = 2;
  reader.size("temporal_patch_size", vision.frames, false);
  reader.size("spatial_merge_size", vision.merge, false);
  vision.projector = {vision.merged(), model.hidden};
  vision.projector_norm = vision.hidden;
}

/// Qwen2.5-VL (arXiv 2502.13923): most layers see windows of 112 x 112 pixels.
void read_qwen2_5(ConfigReader& reader, ConfigReader& whole, Transformer& model, Vision& vision) {
  read_qwen2(reader, whole, model, vision);
  reader.size("intermediate_size", vision.ffn, true);
  vision.gated_mlp = vision.rms_norm = true;
  std::int64_t pixels = 112;
  reader.size("window_size", pixels, false);
  vision.window = (pixels / vision.patch) * (pixels / vision.patch);
  const auto full = static_cast<std::int64_t>(length_of(reader, "fullatt_block_indexes"));
  vision.full_attention_every = full > 0 ? vision.layers / full : 8;
}

/// Qwen3-VL (arXiv 2511.21631): learned positions beside rotary ones; deeper layers' tokens are handed on as well.
void read_qwen3(ConfigReader& reader, ConfigReader& whole, Transformer& model, Vision& vision) {
  read_qwen2(reader, whole, model, vision);
  reader.size("intermediate_size", vision.ffn, true);
  vision.patch_bias = true;
  reader.size("num_position_embeddings", vision.positions, true);
  vision.further_levels = static_cast<std::int64_t>(length_of(reader, "deepstack_visual_indexes"));
}

/// Llama 4: tiles; two matrices behind the merged patches, one more in front of the language model.
void read_llama4_vision(ConfigReader& reader, ConfigReader&, Transformer& model, Vision& vision) {
  read_image(reader, vision);
  vision.rotary = true;
  vision.outer_norms = 2;
  vision.merge = merge_of(reader, "pixel_shuffle_ratio");
  std::int64_t input = 0, output = 0;
  reader.size("projector_input_dim", input, true);
  reader.size("projector_output_dim", output, true);
  vision.projector = {input, output, model.hidden};
  vision.projector_biases = false;
}

/// InternVL (arXiv 2504.10479): InternViT, its attention with biases and both branches scaled.
void read_internvl(ConfigReader& reader, ConfigReader& whole, Transformer& model, Vision& vision) {
  read_image(reader, vision);
  vision.layer_scale = true;
  vision.patch_bias = true;
  vision.outer_norms = reader.flag("use_mean_pooling", true) ? 0 : 1;
  vision.merge = merge_of(whole, "downsample_ratio");
  vision.projector = {model.hidden, model.hidden};
  vision.projector_norm = vision.merged();
}

/// Outputs of layers are counted from the patches' embeddings (0) on, or from the end; several stand side by side. What
/// stands behind the last of them is not run (vLLM, Megatron's LLaVA). The last but one, unless told otherwise.
void read_feature_layers(ConfigReader& whole, Vision& vision) {
  constexpr std::string_view key = "vision_feature_layer";
  auto layers = numbers_of(whole, key);
  if (layers.empty()) layers = {-2};
  for (std::int64_t& layer : layers) {
    const std::int64_t written = layer;
    if (layer < 0) layer += vision.layers + 1;
    if (layer < 1 || layer > vision.layers)
      return whole.error(whole.present(key) ? *whole.present(key) : whole.config, key,
                         fmt::format("there is no layer {}; the encoder has {}", written, vision.layers));
  }
  vision.used_layers = std::ranges::max(layers);
  vision.levels = static_cast<std::int64_t>(layers.size());
}

/// CLIP as LLaVA-1.5 has it (arXiv 2310.03744): a token for every patch, two matrices.
void read_llava(ConfigReader& reader, ConfigReader& whole, Transformer& model, Vision& vision) {
  read_image(reader, vision);
  read_feature_layers(whole, vision);
  vision.keeps_class_token = whole.text("vision_feature_select_strategy") == "full";
  vision.outer_norms = 2;
  vision.merge = 1;
  vision.projector = {model.hidden, model.hidden};
}

/// Patches along a side of a token, when all of them become a fixed number of tokens.
std::int64_t pooled_side(ConfigReader& whole, std::int64_t patches) {
  constexpr std::string_view key = "mm_tokens_per_image";
  std::int64_t tokens = 256;
  whole.size(key, tokens, false);
  const auto side = std::llround(std::sqrt(static_cast<double>(patches) / static_cast<double>(tokens)));
  if (side > 0 && side * side * tokens == patches) return side;
  const json::Value* at = whole.present(key);
  whole.error(at ? *at : whole.config, at ? key : "",
              fmt::format("the {} patches of an image are no squares of patches for {} tokens", patches, tokens));
  return 1;
}

/// SigLIP as Gemma 3 has it (arXiv 2503.19786): patches are pooled to a fixed number of tokens; a norm and a matrix.
void read_gemma3_vision(ConfigReader& reader, ConfigReader& whole, Transformer& model, Vision& vision) {
  read_image(reader, vision);
  vision.class_token = false;
  vision.positions = vision.sequence();
  vision.patch_bias = true;
  vision.outer_norms = 1;
  vision.pooled = true;
  vision.merge = pooled_side(whole, vision.patches());
  vision.projector = {model.hidden};
  vision.projector_biases = false;
  vision.projector_norm = vision.hidden;
}

/// Llama 3.2 (arXiv 2407.21783, 7.1; transformers, modeling_mllama.py): an image is cut into tiles; layers of two kinds
/// with the same sizes, the global ones gated; the last one's output stands beside those of five layers below. Places
/// are learned per patch, per patch of a tile by aspect ratio, and per tile before and behind the first layers.
void read_mllama_vision(ConfigReader& reader, ConfigReader&, Transformer& model, Vision& vision) {
  std::int64_t global = 8, ratios = 8;
  vision.tiles = 4;
  reader.size("num_global_layers", global, false, most_layers);
  reader.size("max_num_tiles", vision.tiles, false, 64);
  if (const auto listed = length_of(reader, "supported_aspect_ratios"); listed > 0)
    ratios = static_cast<std::int64_t>(listed);
  read_image(reader, vision);
  const std::int64_t of_tile = vision.patches() / vision.tiles + 1;
  vision.positions = of_tile + (ratios + 1) * vision.tiles * (of_tile + 2);
  vision.layers += global;
  vision.gates = 2 * global + 3;
  vision.attention_biases = false;
  vision.keeps_class_token = true;
  vision.outer_norms = 2;
  vision.merge = 1;
  const auto below = length_of(reader, "intermediate_layers_indices");
  vision.levels = 1 + (below > 0 ? static_cast<std::int64_t>(below) : 5);
  vision.projector = {model.hidden};
}

struct Kind {
  std::string_view model_type;
  void (*read)(ConfigReader& vision_config, ConfigReader& whole, Transformer&, Vision&);
};
constexpr std::array kinds{
    Kind{"qwen2_vl", read_qwen2},     Kind{"qwen2_5_vl", read_qwen2_5},   Kind{"qwen3_vl", read_qwen3},
    Kind{"qwen3_vl_moe", read_qwen3}, Kind{"llama4", read_llama4_vision}, Kind{"internvl", read_internvl},
    Kind{"llava", read_llava},        Kind{"gemma3", read_gemma3_vision}, Kind{"mllama", read_mllama_vision}};

}  // namespace

void read_vision(ConfigReader& whole, std::string_view model_type, Transformer& model) {
  const json::Value* config = whole.present("vision_config");
  if (!config) return;
  const auto kind = std::ranges::find(kinds, model_type, &Kind::model_type);
  if (kind == kinds.end()) {
    std::vector<std::string_view> known;
    for (const Kind& one : kinds) known.push_back(one.model_type);
    return whole.warning(*config, "vision_config",
                         fmt::format("the vision encoder of \"{}\" is not known here, only the language model is read; "
                                     "encoders of {} are known",
                                     model_type, fmt::join(known, ", ")));
  }
  if (!config->is_object()) return whole.error(*config, "vision_config", "an object is expected");
  ConfigReader reader = whole.below(*config, "vision_config");
  Vision& vision = model.vision.emplace();
  read_sizes(reader, vision);
  if (vision.hidden > 0) kind->read(reader, whole, model, vision);
}

}  // namespace plenum::workload
