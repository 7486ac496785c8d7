// Transformers, described without hardware: decoder-only language models, GPT-2/3 and Llama style (MHA/GQA, gated or
// plain MLP, tied or untied embeddings), with experts, latent attention and state-space layers; and diffusion
// transformers. A language model may see: a vision encoder stands in front of it. Read from a Hugging Face config.json
// or from our own catalogue. Whoever computes something of a model walks its layers by kind.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/core/fields.hpp"
#include "workloads/diffusion/diffusion.hpp"
#include "workloads/layer_kind.hpp"
#include "workloads/model_parts.hpp"
#include "workloads/vision/vision.hpp"

namespace plenum::workload {

/// No size of a model comes near; products of three of them stay within 64 bits.
inline constexpr std::int64_t most_of_a_size = 1 << 20;
/// The deepest models have some hundred.
inline constexpr std::int64_t most_layers = 1 << 14;

enum class Norm : std::uint8_t { layer_norm, rms_norm };

struct Transformer {
  std::string name;
  std::int64_t layers = 0;  ///< a letter of `pattern` each, where there is one
  std::int64_t hidden = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;  ///< 0: as many as heads
  std::int64_t head_dim = 0;  ///< 0: hidden / heads
  std::int64_t ffn = 0;       ///< 0: 4 x hidden
  std::int64_t vocabulary = 0;
  std::int64_t unpredicted_tokens = 0;  ///< further rows of the embedding, which the head doesn't have (Llama 3.2: 8)
  bool gated_mlp = true;                ///< SwiGLU: three matrices; else two
  bool tied_embeddings = false;
  bool learned_positions = false;     ///< GPT-2/3: an embedding of `context` x hidden
  bool alibi = false;                 ///< a bias on attention scores instead of positions; neither learned nor rotary
  bool biases = false;                ///< in all linear layers and layer norms
  bool qkv_biases = false;            ///< Qwen2: in the first product of attention alone
  bool qk_norm = false;               ///< Qwen3: queries and keys are normalized per head
  bool qk_norm_across_heads = false;  ///< MiniMax M2: over all heads together, those of other GPUs too
  bool post_norms = false;            ///< Gemma 2, 3: what attention and MLP found is normalized before it is added
  bool clamped_mlp = false;           ///< gpt-oss: what goes into SwiGLU is limited (swiglu_limit)
  bool sees_all = false;              ///< attention is not causal: of encoders
  Norm norm = Norm::rms_norm;
  std::int64_t context = 8192;  ///< longest sequence it was made for; rows of the learned position embedding

  bool gated_attention = false;  ///< Qwen3-Next: what heads attended to is multiplied with a gate as wide
  std::int64_t window = 0;       ///< tokens that windowed layers attend to; 0: no layer has a window
  /// Every n-th layer attends to the whole sequence, the others to the window, or are state-space layers where the
  /// model has them; 0: only by `pattern`, else all layers are alike.
  std::int64_t full_attention_every = 0;
  /// What mixes tokens in each layer, which has its MLP beside that: "*" attention, "w" to the window, "M" state space,
  /// "x" attention to the images' tokens (Llama 3.2 Vision). Repeated from its start; empty: by full_attention_every.
  std::string mixer_pattern{};
  /// Layers one by one, repeated from its start when too short: "M" state space, "*" attention, "-" MLP, "E" experts
  /// (Nemotron-H). Empty: every layer mixes tokens and has an MLP.
  std::string pattern{};
  std::int64_t predicted_ahead = 0;  ///< multi-token prediction: layers behind the last one, each with the head
  std::optional<Experts> experts{};
  std::optional<LatentAttention> latent_attention{};
  std::optional<StateSpace> state_space{};
  std::optional<Diffusion> diffusion{};  ///< no language model: neither vocabulary nor causal
  std::optional<Vision> vision{};        ///< a vision encoder in front

  bool looks_at_images() const { return mixer_pattern.find('x') != std::string::npos; }  ///< in layers of its own
  void fill_defaults();  ///< replaces the zeros above by what they mean
  bool rotary() const { return !learned_positions && !alibi && (!diffusion || diffusion->rotary); }

  LayerKind layer_kind(std::int64_t index) const;
  /// Kinds among layers first .. first + count - 1, in the order in which they first occur.
  std::vector<LayerCount> layer_counts(std::int64_t first, std::int64_t count) const;
  std::vector<LayerCount> layer_counts() const { return layer_counts(0, layers); }

  std::int64_t parameters() const;         ///< all of them, the encoder's too, without those of `predicted_ahead`
  std::int64_t active_parameters() const;  ///< that one token goes through
  std::int64_t layer_parameters(const LayerKind&) const;
  std::int64_t layer_active_parameters(const LayerKind&) const;
  std::int64_t expert_parameters() const;                             ///< of one routed expert
  std::int64_t embedding_parameters() const;                          ///< input embedding (and positions)
  std::int64_t head_parameters() const;                               ///< output projection; 0 when tied
  std::int64_t norm_parameters() const;                               ///< one norm over `hidden`
  std::int64_t norms_of_block() const { return post_norms ? 2 : 1; }  ///< around attention, or around the MLP

 private:
  void fill_diffusion();
};

std::span<const std::string_view> names_of(Norm);
void describe(Fields&, Transformer&);

/// What single fields can't show: heads that kv_heads don't divide, ...; pointer below the model, message.
std::vector<std::pair<std::string, std::string>> check(const Transformer&);

/// From a Hugging Face config.json (LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM,
/// MixtralForCausalLM, DeepseekV3ForCausalLM, NemotronHForCausalLM, GPT2LMHeadModel, ...), or diffusers'
/// transformer/config.json (FluxTransformer2DModel, WanTransformer3DModel, ...). Unknown architectures are an issue
/// that lists the known ones.
std::optional<Transformer> from_hugging_face(const json::Value& config, const std::string& pointer, Issues&);
bool looks_like_hugging_face(const json::Value&);  ///< has "architectures", "model_type" or "_class_name"

/// Committed models (workloads/catalogue/models.json): names, and one by name or alias, whatever its case and
/// punctuation.
std::vector<std::string> model_names();
std::optional<Transformer> find_model(const std::string& name, Issues&);

}  // namespace plenum::workload
