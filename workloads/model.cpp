#include "workloads/model.hpp"

#include <fmt/format.h>

#include <array>

#include "workloads/layer_pattern.hpp"

namespace plenum::workload {
namespace {

constexpr std::array<std::string_view, 2> norm_names{"layer_norm", "rms_norm"};

constexpr Range size_range = between(1, most_of_a_size);
constexpr Range size_or_default = between(0, most_of_a_size);

}  // namespace

std::span<const std::string_view> names_of(Norm) { return norm_names; }

/// What all diffusion transformers here have in common; how long a sequence is, the picture says.
void Transformer::fill_diffusion() {
  gated_mlp = false;
  biases = true;
  norm = Norm::layer_norm;
  Diffusion& d = *diffusion;
  if (d.channels_in == 0) d.channels_in = d.autoencoder.latent;
  if (d.channels_out == 0) d.channels_out = d.channels_in;
  context = d.sequence();
}

void Transformer::fill_defaults() {
  if (diffusion) fill_diffusion();
  if (kv_heads == 0) kv_heads = heads;
  if (head_dim == 0 && heads > 0) head_dim = hidden / heads;
  if (ffn == 0) ffn = 4 * hidden;
}

void describe(Fields& fields, Transformer& model) {
  fields.optional("name", model.name, "What reports call it");
  fields.required("layers", model.layers, "Transformer layers", between(1, most_layers));
  fields.required("hidden", model.hidden, "Width of the residual stream", size_range);
  fields.required("heads", model.heads, "Attention heads", size_range);
  fields.optional("kv_heads", model.kv_heads, "Heads of keys and values; 0: as many as heads", size_or_default);
  fields.optional("head_dim", model.head_dim, "Width of one head; 0: hidden / heads", size_or_default);
  fields.optional("ffn", model.ffn, "Inner width of the MLP; 0: 4 x hidden", size_or_default);
  fields.optional("diffusion", model.diffusion,
                  "A diffusion transformer for images or video instead of a language model");
  fields.optional("vocabulary", model.vocabulary, "Tokens in the vocabulary; language models need it",
                  between(0, 1 << 24));
  fields.optional("unpredicted_tokens", model.unpredicted_tokens,
                  "Further rows of the embedding, which the head doesn't have (Llama 3.2 Vision: 8)",
                  between(0, 1 << 20));
  fields.optional("gated_mlp", model.gated_mlp, "Gated MLP of three matrices (SwiGLU, GeGLU); false: two matrices");
  fields.optional("tied_embeddings", model.tied_embeddings, "The output projection is the input embedding");
  fields.optional("learned_positions", model.learned_positions, "Position embeddings of context x hidden (GPT-2/3)");
  fields.optional("alibi", model.alibi, "A bias on attention scores instead of positions");
  fields.optional("biases", model.biases, "Linear layers and layer norms have biases");
  fields.optional("qkv_biases", model.qkv_biases, "Only the product for queries, keys and values has biases (Qwen2)");
  fields.optional("qk_norm", model.qk_norm, "Queries and keys are normalized per head (Qwen3)");
  fields.optional("qk_norm_across_heads", model.qk_norm_across_heads, "With qk_norm: over all heads (MiniMax M2)");
  fields.optional("post_norms", model.post_norms,
                  "What attention and MLP found is normalized before it is added (Gemma 2 and 3)");
  fields.optional("clamped_mlp", model.clamped_mlp, "What goes into the gated MLP is limited (gpt-oss's swiglu_limit)");
  fields.optional("sees_all", model.sees_all, "Attention is not causal: encoders (BERT), which give no tokens");
  fields.optional("norm", model.norm, "Normalization before attention and MLP");
  fields.optional("gated_attention", model.gated_attention, "A gate on what attention's heads found (Qwen3-Next)");
  fields.optional("window", model.window, "Tokens that windowed layers attend to; 0: there are none",
                  between(0, 1 << 24));
  fields.optional("full_attention_every", model.full_attention_every,
                  "Every n-th layer attends to everything, the others to the window or are state-space layers",
                  size_or_default);
  fields.optional("mixer_pattern", model.mixer_pattern,
                  "One letter per layer, repeated, of what mixes its tokens: * attention, w within the window, M state "
                  "space, x attention to images; every layer has its MLP as well");
  fields.optional("pattern", model.pattern,
                  "One letter per layer, repeated: M state space, * attention, - MLP, E experts (Nemotron-H)");
  fields.optional("predicted_ahead", model.predicted_ahead, "Layers for multi-token prediction behind the last one",
                  between(0, 64));
  fields.optional("experts", model.experts, "Mixture of experts");
  fields.optional("latent_attention", model.latent_attention, "Keys and values from a latent vector (MLA)");
  fields.optional("state_space", model.state_space, "Layers with a state of fixed size (Mamba-2, Gated DeltaNet)");
  fields.optional("vision", model.vision, "A vision encoder in front of the language model");
  fields.optional("context", model.context, "Longest sequence the model was made for, tokens", between(1, 1 << 24));
}

std::vector<std::pair<std::string, std::string>> check(const Transformer& written) {
  Transformer model = written;
  model.fill_defaults();
  std::vector<std::pair<std::string, std::string>> problems;
  const auto problem = [&](std::string pointer, std::string message) {
    problems.emplace_back(std::move(pointer), std::move(message));
  };
  if (!model.diffusion && model.vocabulary == 0 && model.hidden > 0)
    problem("/vocabulary", "a language model needs its vocabulary: the tokens in it");
  if (model.heads > 0 && written.head_dim == 0 && model.hidden % model.heads != 0)
    problem("/heads", fmt::format("hidden ({}) is not a multiple of heads ({}); give head_dim or other heads",
                                  model.hidden, model.heads));
  if (model.kv_heads > 0 && model.heads % model.kv_heads != 0)
    problem("/kv_heads", fmt::format("heads ({}) is not a multiple of kv_heads ({})", model.heads, model.kv_heads));
  if (model.experts && model.experts->active > model.experts->count)
    problem("/experts/active",
            fmt::format("{} of {} experts can't be active", model.experts->active, model.experts->count));
  for (auto& [pointer, message] : check_layers(model)) problem(std::move(pointer), std::move(message));
  if (model.diffusion) {
    for (auto& [below, message] : check(*model.diffusion, model.layers))
      problem("/diffusion" + below, std::move(message));
    if (model.experts || model.latent_attention || model.state_space || !model.pattern.empty())
      problem("/diffusion",
              "experts, latent attention and state-space layers of diffusion transformers are not modelled");
  }
  if (model.vision)
    for (auto& [below, message] : check(*model.vision, model.hidden)) problem("/vision" + below, std::move(message));
  if (model.vision && model.diffusion)
    problem("/vision", "a diffusion transformer has no vision encoder; its patches are those of what it makes");
  if (model.alibi && model.learned_positions)
    problem("/alibi", "a model has either learned_positions or alibi, not both");
  return problems;
}

}  // namespace plenum::workload
