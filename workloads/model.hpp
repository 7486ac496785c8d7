// Decoder-only transformers, described without hardware: GPT-2/3 and Llama style (MHA/GQA, gated or plain MLP, tied or
// untied embeddings). Read from a Hugging Face config.json or from our own catalogue.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/core/fields.hpp"

namespace plenum::workload {

enum class Norm : std::uint8_t { layer_norm, rms_norm };

struct Transformer {
  std::string name;
  std::int64_t layers = 0;
  std::int64_t hidden = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;   ///< 0: as many as heads
  std::int64_t head_dim = 0;   ///< 0: hidden / heads
  std::int64_t ffn = 0;        ///< 0: 4 x hidden
  std::int64_t vocabulary = 0;
  bool gated_mlp = true;       ///< SwiGLU: three matrices; else two
  bool tied_embeddings = false;
  bool learned_positions = false;  ///< GPT-2/3: an embedding of `context` x hidden
  bool alibi = false;              ///< a bias on attention scores instead of positions; neither learned nor rotary
  bool biases = false;             ///< in all linear layers and layer norms
  bool qkv_biases = false;         ///< Qwen2: in the first product of attention alone
  bool qk_norm = false;            ///< Qwen3: queries and keys are normalized per head
  Norm norm = Norm::rms_norm;
  std::int64_t context = 8192;  ///< longest sequence it was made for; rows of the learned position embedding

  void fill_defaults();         ///< replaces the zeros above by what they mean
  std::int64_t parameters() const;        ///< all of them
  std::int64_t layer_parameters() const;  ///< one transformer layer
  std::int64_t embedding_parameters() const;  ///< input embedding (and positions)
  std::int64_t head_parameters() const;       ///< output projection; 0 when tied
  std::int64_t norm_parameters() const;       ///< one norm over `hidden`
  bool rotary() const { return !learned_positions && !alibi; }
};

std::span<const std::string_view> names_of(Norm);
void describe(Fields&, Transformer&);

/// What single fields can't show: heads that kv_heads don't divide, ...; pointer below the model, message.
std::vector<std::pair<std::string, std::string>> check(const Transformer&);

/// From a Hugging Face config.json (LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM,
/// GPT2LMHeadModel, GPTNeoXForCausalLM, MPTForCausalLM, ...). Unknown architectures are an issue that lists the known ones.
std::optional<Transformer> from_hugging_face(const json::Value& config, const std::string& pointer, Issues&);
bool looks_like_hugging_face(const json::Value&);  ///< has "architectures" or "model_type"

/// Committed models (workloads/catalogue/models.json): names, and one by name or alias, whatever its case and punctuation.
std::vector<std::string> model_names();
std::optional<Transformer> find_model(const std::string& name, Issues&);

}  // namespace plenum::workload
