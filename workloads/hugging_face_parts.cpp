#include "workloads/hugging_face_parts.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

namespace plenum::workload {
namespace {

bool has_dense_width(const Transformer& model) { return model.ffn > 0; }

/// Without a width of their own, experts are as wide as the MLP they stand for.
Experts experts_of(ConfigReader& reader) {
  Experts experts;
  reader.size({"num_local_experts", "n_routed_experts", "num_experts"}, experts.count, true);
  reader.size({"num_experts_per_tok", "experts_per_token"}, experts.active, true);
  reader.size({"moe_intermediate_size", "intermediate_size"}, experts.ffn, true);
  reader.size({"shared_expert_intermediate_size", "moe_shared_expert_intermediate_size"}, experts.shared_ffn, false);
  reader.size({"decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_freq"}, experts.every, false);
  return experts;
}

void read_windows(ConfigReader& reader, std::string_view key, std::int64_t every, Transformer& model) {
  reader.size(key, model.window, false);
  if (model.window > 0) model.full_attention_every = every;
}

/// The shortest text that, repeated, begins with the whole one.
std::string repeated_part(const std::string& whole) {
  for (std::size_t length = 1; length < whole.size(); ++length) {
    const auto repeats = [&](std::size_t i) { return whole[i] == whole[i % length]; };
    std::size_t i = length;
    while (i < whole.size() && repeats(i)) ++i;
    if (i == whole.size()) return whole.substr(0, length);
  }
  return whole;
}

/// Patterns that `window` and `full_attention_every` can say are said by them.
void set_mixers(Transformer& model, const std::string& letters) {
  model.mixer_pattern = repeated_part(letters);
  model.full_attention_every = 0;
  const std::string& part = model.mixer_pattern;
  const char other = model.state_space ? 'M' : 'w';
  const bool plain = part == "*",
             ends_full = part.size() > 1 && part.back() == '*' && part.find_first_not_of(other) == part.size() - 1;
  if (plain && !model.state_space) model.window = 0;
  if (ends_full) model.full_attention_every = static_cast<std::int64_t>(part.size());
  if (ends_full || (plain && !model.state_space) || part == std::string(1, other)) model.mixer_pattern.clear();
}

struct LayerType {
  std::string_view name;
  char letter;
};
constexpr std::array layer_types{LayerType{"full_attention", '*'}, LayerType{"attention", '*'},
                                 LayerType{"sliding_attention", 'w'}, LayerType{"chunked_attention", 'w'},
                                 LayerType{"linear_attention", 'M'}};

/// '?' when it is no known type, which is complained of.
char letter_of(ConfigReader& types, const json::Value& type, std::size_t index) {
  const auto* name = std::get_if<std::string>(&type.data);
  const auto found = std::ranges::find(layer_types, name ? std::string_view(*name) : "", &LayerType::name);
  if (found != layer_types.end()) return found->letter;
  std::vector<std::string_view> known;
  for (const LayerType& one : layer_types) known.push_back(one.name);
  types.error(type, std::to_string(index),
              fmt::format("{} is no type of layer known here; {} are",
                          name ? fmt::format("\"{}\"", *name) : std::string(type.kind()), fmt::join(known, ", ")));
  return '?';
}

/// Nothing when something is wrong with the list, which is complained of.
std::optional<std::string> letters_of(ConfigReader& reader, const json::Value& list, const Transformer& model) {
  const auto complain = [&](std::string message) { reader.error(list, "layer_types", std::move(message)); };
  if (!list.is_array()) {
    complain("a list is expected, a type for each layer");
    return std::nullopt;
  }
  ConfigReader types = reader.below(list, "layer_types");
  std::string letters;
  for (const json::Value& type : std::get<json::Array>(list.data))
    letters.push_back(letter_of(types, type, letters.size()));
  if (letters.find('?') != std::string::npos) return std::nullopt;
  if (static_cast<std::int64_t>(letters.size()) != model.layers)
    complain(fmt::format("{} types for {} layers", letters.size(), model.layers));
  else if (letters.find('M') != std::string::npos && !model.state_space)
    complain("this architecture's layers with a state (linear_attention) are not known here");
  else
    return letters;
  return std::nullopt;
}

/// DeepSeek counts shared experts, each as wide as a routed one.
void read_shared_count(ConfigReader& reader, Experts& experts) {
  std::int64_t shared = 0;
  reader.size("n_shared_experts", shared, false);
  if (experts.shared_ffn == 0) experts.shared_ffn = shared * experts.ffn;
}

LatentAttention latent_attention_of(ConfigReader& reader) {
  LatentAttention attention;
  reader.size("q_lora_rank", attention.query_rank, false);
  reader.size("kv_lora_rank", attention.kv_rank, true);
  reader.size("qk_nope_head_dim", attention.content_dim, true);
  reader.size("qk_rope_head_dim", attention.position_dim, true);
  reader.size("v_head_dim", attention.value_dim, true);
  return attention;
}

StateSpace delta_net_of(ConfigReader& reader) {
  StateSpace delta{.delta_rule = true};
  reader.size("linear_num_value_heads", delta.heads, true);
  reader.size("linear_value_head_dim", delta.head_dim, true);
  reader.size("linear_num_key_heads", delta.groups, true);
  reader.size("linear_key_head_dim", delta.state, true);
  reader.size("linear_conv_kernel_dim", delta.convolution, false);
  return delta;
}

StateSpace mamba_of(ConfigReader& reader) {
  StateSpace mamba;
  reader.size("mamba_num_heads", mamba.heads, true);
  reader.size("mamba_head_dim", mamba.head_dim, true);
  reader.size("ssm_state_size", mamba.state, true);
  reader.size("n_groups", mamba.groups, false);
  reader.size("conv_kernel", mamba.convolution, false);
  return mamba;
}

}  // namespace

void read_roberta(ConfigReader&, Transformer& model) { model.context = std::max<std::int64_t>(1, model.context - 2); }

bool read_layer_types(ConfigReader& reader, Transformer& model) {
  const json::Value* written = reader.present("layer_types");
  if (!written) return false;
  const auto letters = letters_of(reader, *written, model);
  if (!letters) return true;
  if (letters->find('w') != std::string::npos)
    reader.size({"sliding_window", "attention_chunk_size"}, model.window, true);
  set_mixers(model, *letters);
  return true;
}

void read_mistral(ConfigReader& reader, Transformer& model) { reader.size("sliding_window", model.window, false); }

void read_mixtral(ConfigReader& reader, Transformer& model) {
  read_experts(reader, model);
  read_mistral(reader, model);
}

void read_qwen(ConfigReader& reader, Transformer& model) {
  if (!reader.flag("use_sliding_window", false)) return;
  std::int64_t full = 28;
  reader.size("max_window_layers", full, false, most_layers);
  full = std::min(full, model.layers);
  if (full == model.layers) return;
  reader.size("sliding_window", model.window, true);
  set_mixers(model, std::string(static_cast<std::size_t>(full), '*') +
                        std::string(static_cast<std::size_t>(model.layers - full), 'w'));
}

void read_qwen_moe(ConfigReader& reader, Transformer& model) {
  read_experts(reader, model);
  read_qwen(reader, model);
}

/// The tokens that stand for an image are read, never predicted.
void read_mllama(ConfigReader& reader, Transformer& model) {
  constexpr std::string_view key = "cross_attention_layers";
  model.unpredicted_tokens = 8;
  std::string letters(static_cast<std::size_t>(model.layers), '*');
  const json::Value* written = reader.present(key);
  if (!written || !written->is_array())
    return reader.error(written ? *written : reader.config, written ? key : "",
                        fmt::format("\"{}\" is missing: the list of layers that attend to images", key));
  ConfigReader list = reader.below(*written, key);
  const json::Array& layers = std::get<json::Array>(written->data);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto* index = std::get_if<std::int64_t>(&layers[i].data);
    if (index && *index >= 0 && *index < model.layers)
      letters[static_cast<std::size_t>(*index)] = 'x';
    else
      list.error(layers[i], std::to_string(i), fmt::format("layers have the numbers 0 to {}", model.layers - 1));
  }
  model.mixer_pattern = repeated_part(letters);
}

void read_experts(ConfigReader& reader, Transformer& model) {
  model.experts = experts_of(reader);
  if (!has_dense_width(model)) model.ffn = model.experts->ffn;
}

void read_deepseek(ConfigReader& reader, Transformer& model) {
  model.experts = experts_of(reader);
  reader.size("first_k_dense_replace", model.experts->first, false);
  read_shared_count(reader, *model.experts);
  model.latent_attention = latent_attention_of(reader);
  model.head_dim = model.latent_attention->query_dim();
  reader.size("num_nextn_predict_layers", model.predicted_ahead, false);
}

void read_llama4(ConfigReader& reader, Transformer& model) {
  read_experts(reader, model);
  reader.size("intermediate_size", model.experts->ffn, true);
  model.experts->shared_ffn = model.experts->ffn;
  read_windows(reader, "attention_chunk_size", 4, model);
}

void read_gpt_oss(ConfigReader& reader, Transformer& model) {
  read_experts(reader, model);
  read_windows(reader, "sliding_window", 2, model);
}

void read_gemma2(ConfigReader& reader, Transformer& model) { read_windows(reader, "sliding_window", 2, model); }

void read_gemma3(ConfigReader& reader, Transformer& model) {
  std::int64_t pattern = 6;
  reader.size({"sliding_window_pattern", "_sliding_window_pattern"}, pattern, false);
  read_windows(reader, "sliding_window", pattern, model);
}

void read_qwen3_next(ConfigReader& reader, Transformer& model) {
  read_experts(reader, model);
  model.state_space = delta_net_of(reader);
  model.full_attention_every = 4;
  reader.size("full_attention_interval", model.full_attention_every, false);
}

void read_nemotron_h(ConfigReader& reader, Transformer& model) {
  reader.size("attention_head_dim", model.head_dim, false);
  model.pattern = reader.text("hybrid_override_pattern");
  if (model.pattern.empty()) reader.error(reader.config, "", "\"hybrid_override_pattern\" is missing");
  model.state_space = mamba_of(reader);
  if (model.pattern.find('E') == std::string::npos) return;
  model.experts = experts_of(reader);
  read_shared_count(reader, *model.experts);
  reader.size("moe_latent_size", model.experts->latent, false);
}

}  // namespace plenum::workload
