#include "workloads/vision/vision.hpp"

#include <fmt/format.h>

#include "workloads/model.hpp"

namespace plenum::workload {
namespace {

constexpr Range size_range = between(1, most_of_a_size);
constexpr std::int64_t most_positions = std::int64_t{1} << 26;  ///< times a width stays within 64 bits
constexpr Range size_or_none = between(0, most_of_a_size);

std::int64_t ffn_of(const Vision& v) { return v.ffn > 0 ? v.ffn : 4 * v.hidden; }

std::int64_t norm_of(const Vision& v, std::int64_t width) { return width * (v.rms_norm ? 1 : 2); }

/// Of attention's four products, which tower_of() gives biases.
std::int64_t missing_biases(const Vision& v) { return v.attention_biases ? 0 : 4 * v.hidden; }

std::int64_t matrices_of_projector(const Vision& v) {
  std::int64_t in = v.merged(), sum = 0;
  for (const std::int64_t out : v.projector) {
    sum += in * out + (v.projector_biases ? out : 0);
    in = out;
  }
  return sum;
}

}  // namespace

void describe(Fields& fields, Vision& v) {
  fields.required("layers", v.layers, "Transformer layers", between(1, most_layers));
  fields.required("hidden", v.hidden, "Width of a patch's vector", size_range);
  fields.required("heads", v.heads, "Attention heads", size_range);
  fields.optional("used_layers", v.used_layers,
                  "Layers that run, those behind them stay in the checkpoint (LLaVA's vision_feature_layer); 0: all",
                  between(0, most_layers));
  fields.optional("ffn", v.ffn, "Inner width of the MLP; 0: 4 x hidden", size_or_none);
  fields.optional("gated_mlp", v.gated_mlp, "Gated MLP of three matrices; false: two");
  fields.optional("rms_norm", v.rms_norm, "RMS norms instead of layer norms");
  fields.optional("rotary", v.rotary, "Queries and keys are turned by their patch's place");
  fields.optional("layer_scale", v.layer_scale, "What attention and MLP found is scaled per channel");
  fields.optional("patch", v.patch, "Pixels along a side of a patch", between(1, 1 << 10));
  fields.optional("frames", v.frames, "Frames in a patch; an image is repeated", between(1, 1 << 10));
  fields.optional("patch_bias", v.patch_bias, "The product that embeds patches has a bias");
  fields.optional("positions", v.positions, "Rows of learned position embeddings; 0: none", size_or_none);
  fields.optional("class_token", v.class_token, "A token beside the patches");
  fields.optional("keeps_class_token", v.keeps_class_token, "The class token goes to the language model as well");
  fields.optional("attention_biases", v.attention_biases, "The products of attention have biases");
  fields.optional("gates", v.gates, "Learned factors, single numbers", size_or_none);
  fields.optional("tiles", v.tiles,
                  "Pictures of height x width that an image is cut into; their patches see each other", between(1, 64));
  fields.optional("levels", v.levels, "Layers whose outputs stand side by side in a token", between(1, most_layers));
  fields.optional("outer_norms", v.outer_norms, "Norms before and behind the layers", between(0, 2));
  fields.optional("window", v.window, "Patches that see each other in windowed layers; 0: all do", size_or_none);
  fields.optional("full_attention_every", v.full_attention_every, "With a window: every n-th layer sees the image",
                  size_or_none);
  fields.optional("merge", v.merge, "Patches along a side of a token", between(1, 64));
  fields.optional("pooled", v.pooled, "A token is the mean of its patches; false: they stand in a row");
  fields.required("projector", v.projector, "Widths behind the projector's matrices, the language model's last");
  fields.optional("projector_biases", v.projector_biases, "The projector's matrices have biases");
  fields.optional("projector_norm", v.projector_norm, "Width of the norm before the projector; 0: none", size_or_none);
  fields.optional("further_levels", v.further_levels,
                  "Layers whose tokens also go into the language model's first layers (DeepStack)", size_or_none);
  fields.optional("height", v.height, "Of an image, pixels", between(1, 1 << 16));
  fields.optional("width", v.width, "Of an image, pixels", between(1, 1 << 16));
}

std::vector<std::pair<std::string, std::string>> check(const Vision& v, std::int64_t language_width) {
  std::vector<std::pair<std::string, std::string>> problems;
  const std::int64_t token = v.patch * v.merge;
  const auto divides = [&](const char* pointer, std::int64_t pixels) {
    if (pixels % token != 0)
      problems.emplace_back(pointer, fmt::format("{} pixels are no multiple of a token's {} (patch x merge = {} x {})",
                                                 pixels, token, v.patch, v.merge));
  };
  if (v.heads > 0 && v.hidden % v.heads != 0)
    problems.emplace_back("/heads", fmt::format("hidden ({}) is not a multiple of heads ({})", v.hidden, v.heads));
  divides("/height", v.height);
  divides("/width", v.width);
  if (v.projector.empty() || v.projector.back() != language_width)
    problems.emplace_back("/projector",
                          fmt::format("the last width is that of the language model, {}", language_width));
  for (const std::int64_t width : v.projector)
    if (width < 1 || width > most_of_a_size)
      problems.emplace_back("/projector", fmt::format("{} is no width; 1 to {} are", width, most_of_a_size));
  if (v.projector_norm != 0 && v.projector_norm != v.hidden && v.projector_norm != v.merged())
    problems.emplace_back("/projector_norm", fmt::format("norms are as wide as a patch ({}) or as a token ({}), not {}",
                                                         v.hidden, v.merged(), v.projector_norm));
  if (v.positions > most_positions)
    problems.emplace_back("/positions", fmt::format("{} rows are more than any encoder has", v.positions));
  if (v.keeps_class_token && !v.class_token) problems.emplace_back("/keeps_class_token", "there is no class_token");
  if (v.used_layers > v.layers) problems.emplace_back("/used_layers", fmt::format("there are {} layers", v.layers));
  if (v.levels > v.layers + 1) problems.emplace_back("/levels", fmt::format("there are {} layers", v.layers));
  if (v.further_levels > v.layers)
    problems.emplace_back("/further_levels", fmt::format("there are {} layers", v.layers));
  return problems;
}

Transformer tower_of(const Vision& v) {
  Transformer tower;
  tower.layers = v.layers;
  tower.hidden = v.hidden;
  tower.heads = v.heads;
  tower.ffn = ffn_of(v);
  tower.gated_mlp = v.gated_mlp;
  tower.biases = true;
  tower.sees_all = true;
  tower.learned_positions = !v.rotary;
  tower.norm = v.rms_norm ? Norm::rms_norm : Norm::layer_norm;
  tower.context = v.sequence();
  tower.window = v.window;
  tower.full_attention_every = v.full_attention_every;
  tower.fill_defaults();
  return tower;
}

Transformer running_tower_of(const Vision& v) {
  Transformer tower = tower_of(v);
  tower.layers = v.run_layers();
  return tower;
}

std::int64_t projector_parameters(const Vision& v) {
  const std::int64_t further = matrices_of_projector(v) + norm_of(v, v.merged());
  const std::int64_t first = matrices_of_projector(v) + norm_of(v, v.projector_norm);
  return first + v.further_levels * further;
}

std::int64_t outer_vision_parameters(const Vision& v) {
  const std::int64_t embedding = v.patch_in() * v.hidden + (v.patch_bias ? v.hidden : 0);
  const std::int64_t tokens = (v.positions + (v.class_token ? 1 : 0)) * v.hidden;
  return embedding + tokens + v.gates + v.outer_norms * norm_of(v, v.hidden) + projector_parameters(v);
}

std::int64_t vision_parameters(const Vision& v) {
  const Transformer tower = tower_of(v);
  std::int64_t layers = v.layers * ((v.layer_scale ? 2 * v.hidden : 0) - missing_biases(v));
  for (const auto& [kind, count] : tower.layer_counts()) layers += count * tower.layer_parameters(kind);
  return layers + outer_vision_parameters(v);
}

}  // namespace plenum::workload
