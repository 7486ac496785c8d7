// Hugging Face's config.json, read as it is. An architecture is one line in the table: its keys, and what every model
// of it has in common. Keys that don't change sizes are ignored.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "workloads/diffusion/diffusers.hpp"
#include "workloads/hugging_face_parts.hpp"
#include "workloads/hugging_face_reader.hpp"
#include "workloads/hugging_face_vision.hpp"
#include "workloads/model.hpp"

namespace plenum::workload {
namespace {

/// Names of members; an empty one doesn't exist in the architecture.
struct Keys {
  std::string_view hidden, layers, heads, kv_heads, head_dim, ffn, context;
};

constexpr Keys llama_keys{"hidden_size", "num_hidden_layers", "num_attention_heads",    "num_key_value_heads",
                          "head_dim",    "intermediate_size", "max_position_embeddings"};
// The width of the dense MLP, where all layers have experts, is not needed.
constexpr Keys experts_keys{"hidden_size",
                            "num_hidden_layers",
                            "num_attention_heads",
                            "num_key_value_heads",
                            "head_dim",
                            "",
                            "max_position_embeddings"};
constexpr Keys llama4_keys{"hidden_size", "num_hidden_layers",     "num_attention_heads",    "num_key_value_heads",
                           "head_dim",    "intermediate_size_mlp", "max_position_embeddings"};
constexpr Keys neox_keys{"hidden_size",       "num_hidden_layers",      "num_attention_heads", "", "",
                         "intermediate_size", "max_position_embeddings"};
constexpr Keys gpt2_keys{"n_embd", "n_layer", "n_head", "", "", "n_inner", "n_positions"};
constexpr Keys mpt_keys{"d_model", "n_layers", "n_heads", "", "", "", "max_seq_len"};
constexpr Keys opt_keys{"hidden_size", "num_hidden_layers",      "num_attention_heads", "", "",
                        "ffn_dim",     "max_position_embeddings"};
constexpr Keys bloom_keys{"hidden_size", "n_layer", "n_head", "", "", "", ""};

struct Architecture {
  std::string_view name, model_type;
  Keys keys;
  bool tied, biases;  ///< what an absent member means
  std::string_view biases_key, no_biases_key;
  void (*traits)(Transformer&);                          ///< of every model of the architecture
  void (*parts)(ConfigReader&, Transformer&) = nullptr;  ///< beyond the plain transformer
};

void llama(Transformer&) {}
void qwen2(Transformer& model) { model.qkv_biases = true; }
void qwen3(Transformer& model) {
  model.head_dim = 128;
  model.qk_norm = true;
}
void gemma(Transformer& model) { model.head_dim = 256; }
void gemma2(Transformer& model) {
  gemma(model);
  model.post_norms = true;
}
/// Files leave out what the smaller models have in common.
void gemma3(Transformer& model) {
  gemma2(model);
  model.qk_norm = true;
  model.heads = 8;
  model.kv_heads = 4;
  model.vocabulary = 262208;
}
void nemotron(Transformer& model) {
  model.gated_mlp = false;
  model.norm = Norm::layer_norm;
}
void nemotron_h(Transformer& model) { model.gated_mlp = false; }
void gpt_oss(Transformer& model) {
  model.head_dim = 64;
  model.clamped_mlp = true;
}
void minimax(Transformer& model) { model.qk_norm = model.qk_norm_across_heads = true; }
void qwen3_next(Transformer& model) {
  model.head_dim = 256;
  model.qk_norm = true;
  model.gated_attention = true;
}
void gpt(Transformer& model) {
  nemotron(model);
  model.learned_positions = true;
}
void bert(Transformer& model) {
  gpt(model);
  model.sees_all = true;
}
void bloom(Transformer& model) {
  nemotron(model);
  model.alibi = true;
}

const std::vector<Architecture>& architectures() {
  static const std::vector<Architecture> table{
      {"LlamaForCausalLM", "llama", llama_keys, false, false, "", "", llama},
      {"MistralForCausalLM", "mistral", llama_keys, false, false, "", "", llama, read_mistral},
      {"Qwen2ForCausalLM", "qwen2", llama_keys, false, false, "", "", qwen2, read_qwen},
      {"Qwen3ForCausalLM", "qwen3", llama_keys, false, false, "", "", qwen3, read_qwen},
      {"Qwen2VLForConditionalGeneration", "qwen2_vl", llama_keys, false, false, "", "", qwen2, read_qwen},
      {"Qwen2_5_VLForConditionalGeneration", "qwen2_5_vl", llama_keys, false, false, "", "", qwen2, read_qwen},
      {"Qwen3VLForConditionalGeneration", "qwen3_vl", llama_keys, false, false, "", "", qwen3},
      {"Qwen3VLMoeForConditionalGeneration", "qwen3_vl_moe", llama_keys, false, false, "", "", qwen3, read_experts},
      {"MixtralForCausalLM", "mixtral", experts_keys, false, false, "", "", llama, read_mixtral},
      {"Qwen2MoeForCausalLM", "qwen2_moe", llama_keys, false, false, "", "", qwen2, read_qwen_moe},
      {"Qwen3MoeForCausalLM", "qwen3_moe", llama_keys, false, false, "", "", qwen3, read_qwen_moe},
      {"Qwen3NextForCausalLM", "qwen3_next", experts_keys, false, false, "", "", qwen3_next, read_qwen3_next},
      {"Qwen3_5MoeForConditionalGeneration", "qwen3_5_moe", experts_keys, false, false, "", "", qwen3_next,
       read_qwen3_next},
      {"DeepseekV2ForCausalLM", "deepseek_v2", llama_keys, false, false, "", "", llama, read_deepseek},
      {"DeepseekV3ForCausalLM", "deepseek_v3", llama_keys, false, false, "", "", llama, read_deepseek},
      {"KimiK25ForConditionalGeneration", "kimi_k25", llama_keys, false, false, "", "", llama, read_deepseek},
      {"Llama4ForConditionalGeneration", "llama4", llama4_keys, false, false, "", "", llama, read_llama4},
      {"MllamaForConditionalGeneration", "mllama", llama_keys, false, false, "", "", llama, read_mllama},
      {"GptOssForCausalLM", "gpt_oss", experts_keys, false, true, "attention_bias", "", gpt_oss, read_gpt_oss},
      {"MiniMaxM2ForCausalLM", "minimax_m2", experts_keys, false, false, "", "", minimax, read_experts},
      {"Grok1ModelForCausalLM", "grok-1", experts_keys, false, false, "", "", llama, read_experts},
      {"NemotronHForCausalLM", "nemotron_h", llama_keys, false, false, "", "", nemotron_h, read_nemotron_h},
      {"GemmaForCausalLM", "gemma", llama_keys, true, false, "", "", gemma},
      {"Gemma2ForCausalLM", "gemma2", llama_keys, true, false, "", "", gemma2, read_gemma2},
      {"Gemma3ForCausalLM", "gemma3_text", llama_keys, true, false, "", "", gemma3, read_gemma3},
      {"Gemma3ForConditionalGeneration", "gemma3", llama_keys, true, false, "", "", gemma3, read_gemma3},
      {"NemotronForCausalLM", "nemotron", llama_keys, false, false, "mlp_bias", "", nemotron},
      {"GPT2LMHeadModel", "gpt2", gpt2_keys, true, true, "", "", gpt},
      {"GPTNeoXForCausalLM", "gpt_neox", neox_keys, false, true, "", "", nemotron},
      {"BertModel", "bert", neox_keys, true, true, "", "", bert},
      {"BertForSequenceClassification", "bert", neox_keys, true, true, "", "", bert},
      {"RobertaModel", "roberta", neox_keys, true, true, "", "", bert, read_roberta},
      {"XLMRobertaModel", "xlm-roberta", neox_keys, true, true, "", "", bert, read_roberta},
      {"XLMRobertaForSequenceClassification", "xlm-roberta", neox_keys, true, true, "", "", bert, read_roberta},
      {"MPTForCausalLM", "mpt", mpt_keys, true, false, "", "no_bias", gpt},
      {"OPTForCausalLM", "opt", opt_keys, true, true, "enable_bias", "", gpt},
      {"BloomForCausalLM", "bloom", bloom_keys, true, true, "", "", bloom},
  };
  return table;
}

std::string architecture_name(const ConfigReader& reader) {
  const json::Value* list = reader.present("architectures");
  if (list && list->is_array())
    for (const json::Value& name : std::get<json::Array>(list->data))
      if (name.is_string()) return std::get<std::string>(name.data);
  return reader.text("model_type");
}

const Architecture* find_architecture(ConfigReader& reader) {
  const std::string name = architecture_name(reader);
  const auto& known = architectures();
  const auto found = std::ranges::find_if(known, [&](const auto& a) { return a.name == name || a.model_type == name; });
  if (found != known.end()) return &*found;
  std::vector<std::string> names;
  for (const Architecture& architecture : known) names.emplace_back(architecture.name);
  const char* key = reader.present("architectures") ? "architectures" : "model_type";
  const json::Value* at = reader.present(key);
  reader.error(
      at ? *at : reader.config, at ? key : "",
      fmt::format("unknown architecture \"{}\"{}; known: {}", name, suggestion(name, names), fmt::join(names, ", ")));
  return nullptr;
}

/// MPT keeps a part of its attention in an object of its own, and its MLP's width as a ratio.
void read_mpt(ConfigReader& reader, Transformer& model) {
  std::int64_t ratio = 4;
  reader.size("expansion_ratio", ratio, false);
  model.ffn = model.hidden * ratio;
  model.learned_positions = reader.flag("learned_pos_emb", true);
  const json::Value* attention = reader.present("attn_config");
  if (!attention || !attention->is_object()) return;
  ConfigReader inner = reader.below(*attention, "attn_config");
  inner.size("kv_n_heads", model.kv_heads, false);
  model.alibi = inner.flag("alibi", false);
  if (model.alibi) model.learned_positions = false;  // alibi overrules, as in llm-foundry
}

/// Qwen's files have a window that they don't use.
void warn_of_window(ConfigReader& reader, const Architecture& architecture, const Transformer& model) {
  if (model.window > 0 || architecture.model_type.starts_with("qwen")) return;
  if (const json::Value* window = reader.present("sliding_window"); window && reader.flag("use_sliding_window", true))
    reader.warning(*window, "sliding_window",
                   "the windows of this architecture are not modelled: attention covers the whole sequence");
}

void read_sizes(ConfigReader& reader, const Keys& keys, Transformer& model) {
  reader.size(keys.hidden, model.hidden, model.hidden == 0);
  reader.size(keys.layers, model.layers, model.layers == 0, most_layers);
  reader.size(keys.heads, model.heads, model.heads == 0);
  reader.size(keys.kv_heads, model.kv_heads, false);
  reader.size(keys.head_dim, model.head_dim, false);
  reader.size(keys.ffn, model.ffn, keys.ffn == llama_keys.ffn && model.ffn == 0);
  reader.size("vocab_size", model.vocabulary, model.vocabulary == 0);
  reader.size(keys.context, model.context, model.learned_positions);
}

bool is_positive(const json::Value& value) {
  const auto* whole = std::get_if<std::int64_t>(&value.data);
  const auto* real = std::get_if<double>(&value.data);
  return (whole && *whole > 0) || (real && *real > 0);
}

/// What the language model does not say of itself, the whole file does.
void read_flags(ConfigReader& reader, ConfigReader& whole, const Architecture& architecture, Transformer& model) {
  ConfigReader& telling = reader.present("tie_word_embeddings") ? reader : whole;
  model.tied_embeddings = telling.flag("tie_word_embeddings", architecture.tied);
  if (const json::Value* limit = reader.present("swiglu_limit")) model.clamped_mlp = is_positive(*limit);
  model.biases = architecture.no_biases_key.empty() ? reader.flag(architecture.biases_key, architecture.biases)
                                                    : !reader.flag(architecture.no_biases_key, true);
  if (architecture.model_type == "llama" && reader.flag("attention_bias", false)) model.qkv_biases = true;
}

/// Models that see keep their language model in an object of its own.
ConfigReader language_part(const ConfigReader& whole) {
  const json::Value* text = whole.present("text_config");
  return text && text->is_object() ? whole.below(*text, "text_config") : whole;
}

bool is_one_of(const ConfigReader& whole, std::string_view architecture, std::string_view model_type) {
  const std::string name = architecture_name(whole);
  return name == architecture || name == model_type;
}
bool is_llava(const ConfigReader& whole) { return is_one_of(whole, "LlavaForConditionalGeneration", "llava"); }

/// Some join any language model to their encoder.
const Architecture* find_language_model(ConfigReader& whole) {
  ConfigReader text = language_part(whole);
  const bool joined = is_llava(whole) || is_one_of(whole, "InternVLForConditionalGeneration", "internvl");
  return find_architecture(joined ? text : whole);
}

/// Its files leave out what Llama 7B has.
void fill_llava(Transformer& model) {
  model.hidden = 4096;
  model.layers = model.heads = 32;
  model.ffn = 11008;
}

/// Older files have no model_type; then the architecture has.
std::string model_type_of(const ConfigReader& whole, const Architecture& architecture) {
  const auto written = whole.text("model_type");
  if (!written.empty()) return written;
  return std::string(architecture.model_type);
}

/// What check() complains about, under the names of this file.
void report(ConfigReader& reader, const Keys& keys, const Transformer& model) {
  for (const auto& [pointer, message] : check(model)) {
    const std::string_view key = pointer == "/heads" ? keys.heads : pointer == "/kv_heads" ? keys.kv_heads : "";
    const json::Value* at = reader.present(key);
    reader.error(at ? *at : reader.config, at ? key : "", message);
  }
}

Transformer read_model(ConfigReader& reader, ConfigReader& whole, const Architecture& architecture) {
  Transformer model;
  architecture.traits(model);
  if (is_llava(whole)) fill_llava(model);
  model.name = reader.text("_name_or_path");
  if (model.name.empty()) model.name = architecture.name;
  read_sizes(reader, architecture.keys, model);
  read_flags(reader, whole, architecture, model);
  if (architecture.model_type == "mpt") read_mpt(reader, model);
  if (architecture.parts) architecture.parts(reader, model);
  if (!read_layer_types(reader, model)) warn_of_window(reader, architecture, model);
  return model;
}

bool is_diffusers(const json::Value& value) { return value.find("_class_name") != nullptr; }

}  // namespace

bool looks_like_hugging_face(const json::Value& value) {
  return value.find("architectures") != nullptr || value.find("model_type") != nullptr || is_diffusers(value);
}

std::optional<Transformer> from_hugging_face(const json::Value& config, const std::string& pointer, Issues& issues) {
  Issues found;
  ConfigReader whole(config, pointer, found);
  std::optional<Transformer> model;
  if (is_diffusers(config)) {
    model = from_diffusers(whole);
    if (model && !found.has_errors()) report(whole, {}, *model);
  } else if (const Architecture* architecture = find_language_model(whole)) {
    ConfigReader reader = language_part(whole);
    model = read_model(reader, whole, *architecture);
    read_vision(whole, model_type_of(whole, *architecture), *model);
    if (!found.has_errors()) report(reader, architecture->keys, *model);
  }
  for (const Issue& issue : found.all()) issues.add(issue);
  if (found.has_errors()) return std::nullopt;
  model->fill_defaults();
  return model;
}

}  // namespace plenum::workload
