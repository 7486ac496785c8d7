#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/config_outcome.hpp"

namespace plenum::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Published configurations, without the keys that change no sizes; parameters of the published checkpoints.
TEST(HuggingFace, ReadsLlama) {
  const auto [model, issues] = read(R"({"architectures": ["LlamaForCausalLM"], "hidden_size": 4096,
    "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8,
    "max_position_embeddings": 8192, "rope_theta": 500000.0, "tie_word_embeddings": false, "vocab_size": 128256})");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->parameters(), 8030261248);
  EXPECT_EQ(model->context, 8192);
}

TEST(HuggingFace, ReadsGpt2) {
  const auto [model, issues] = read(R"({"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_ctx": 1024,
    "n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024, "vocab_size": 50257, "n_inner": null})");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->parameters(), 124439808);
  EXPECT_FALSE(model->rotary());
}

TEST(HuggingFace, ReadsMpt) {
  const auto [model, issues] = read(R"({"architectures": ["MPTForCausalLM"], "d_model": 4096, "n_heads": 32,
    "n_layers": 32, "expansion_ratio": 4, "max_seq_len": 2048, "no_bias": true, "vocab_size": 50432,
    "learned_pos_emb": true, "attn_config": {"alibi": true}})");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->parameters(), 6649286656);
  EXPECT_TRUE(model->alibi);
}

/// Parameters of the checkpoints.
TEST(HuggingFace, ReadsGemma2And3) {
  const auto second = read(R"({"architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "head_dim": 256,
    "hidden_size": 3584, "intermediate_size": 14336, "max_position_embeddings": 8192, "num_attention_heads": 16,
    "num_hidden_layers": 42, "num_key_value_heads": 8, "sliding_window": 4096, "vocab_size": 256000})");
  ASSERT_TRUE(second.model);
  EXPECT_EQ(second.model->parameters(), 9241705984);
  EXPECT_EQ(second.model->window, 4096);
  EXPECT_EQ(second.model->full_attention_every, 2);
  const auto third = read(R"({"architectures": ["Gemma3ForCausalLM"], "model_type": "gemma3_text", "head_dim": 256,
    "hidden_size": 1152, "intermediate_size": 6912, "max_position_embeddings": 32768, "num_attention_heads": 4,
    "num_hidden_layers": 26, "num_key_value_heads": 1, "sliding_window": 512, "sliding_window_pattern": 6,
    "vocab_size": 262144})");
  ASSERT_TRUE(third.model);
  EXPECT_EQ(third.model->parameters(), 999885952);
  EXPECT_TRUE(third.model->qk_norm && third.model->post_norms);
}

TEST(HuggingFace, ReadsQwenGemmaAndNeox) {
  const auto qwen3 = read(R"({"architectures": ["Qwen3ForCausalLM"], "head_dim": 128, "hidden_size": 4096,
    "intermediate_size": 12288, "num_attention_heads": 32, "num_hidden_layers": 36, "num_key_value_heads": 8,
    "sliding_window": null, "tie_word_embeddings": false, "vocab_size": 151936})");
  ASSERT_TRUE(qwen3.model);
  EXPECT_EQ(qwen3.model->parameters(), 8190735360);
  const auto gemma = read(R"({"model_type": "gemma", "head_dim": 256, "hidden_size": 2048, "intermediate_size": 16384,
    "num_attention_heads": 8, "num_hidden_layers": 18, "num_key_value_heads": 1, "vocab_size": 256000})");
  ASSERT_TRUE(gemma.model);
  EXPECT_EQ(gemma.model->parameters(), 2506172416);
  const auto neox = read(R"({"architectures": ["GPTNeoXForCausalLM"], "hidden_size": 6144, "intermediate_size": 24576,
    "num_attention_heads": 64, "num_hidden_layers": 44, "vocab_size": 50432, "max_position_embeddings": 2048})");
  ASSERT_TRUE(neox.model);
  EXPECT_EQ(neox.model->parameters(), 20554567680);
}

// The checkpoint has 109,482,240: a pooler of 768 x 769 and two kinds of segments are left out.
TEST(HuggingFace, ReadsEncoders) {
  const auto [model, issues] = read(R"({"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 768,
    "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12, "max_position_embeddings": 512,
    "vocab_size": 30522})");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->parameters(), 109482240 - 768 * 769 - 2 * 768);
  EXPECT_TRUE(model->sees_all);
  EXPECT_FALSE(model->rotary());
}

/// What a config.json says and what the catalogue says of the same model are the same.
void expect_as_in_catalogue(const std::string& text, const std::string& name) {
  const auto [model, complaints] = read(text);
  EXPECT_THAT(complaints, IsEmpty());
  Issues issues;
  const auto known = find_model(name, issues);
  ASSERT_TRUE(model && known) << name;
  EXPECT_EQ(model->parameters(), known->parameters()) << name;
  EXPECT_EQ(model->active_parameters(), known->active_parameters()) << name;
  EXPECT_EQ(model->layer_counts(), known->layer_counts()) << name;
  EXPECT_EQ(model->predicted_ahead, known->predicted_ahead) << name;
}

/// gpt-oss's experts limit what goes into SwiGLU, whether the file says so or not.
TEST(HuggingFace, ReadsTheLimitOfSwiglu) {
  const auto clamped = [](const std::string& architecture, const std::string& limit) {
    const auto outcome =
        read(R"({"architectures": [")" + architecture + R"("], "hidden_size": 2880, "intermediate_size":
      2880, "num_attention_heads": 64, "num_hidden_layers": 4, "num_key_value_heads": 8, "num_local_experts": 32,
      "num_experts_per_tok": 4, "vocab_size": 201088)" +
             limit + "}");
    return outcome.model && outcome.model->clamped_mlp;
  };
  EXPECT_TRUE(clamped("GptOssForCausalLM", R"(, "swiglu_limit": 7.0)"));
  EXPECT_TRUE(clamped("GptOssForCausalLM", ""));
  EXPECT_FALSE(clamped("GptOssForCausalLM", R"(, "swiglu_limit": 0)"));
  EXPECT_TRUE(clamped("MixtralForCausalLM", R"(, "swiglu_limit": 7)"));
  EXPECT_FALSE(clamped("MixtralForCausalLM", ""));
}

TEST(HuggingFace, ReadsRobertasPositions) {
  expect_as_in_catalogue(R"({"architectures": ["XLMRobertaForSequenceClassification"], "hidden_size": 1024,
    "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 24, "max_position_embeddings": 8194,
    "vocab_size": 250002})",
                         "BGE-reranker-v2-M3");
}

TEST(HuggingFace, ReadsMixtures) {
  expect_as_in_catalogue(R"({"architectures": ["MixtralForCausalLM"], "hidden_size": 4096, "intermediate_size": 14336,
    "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "num_local_experts": 8,
    "num_experts_per_tok": 2, "sliding_window": null, "vocab_size": 32000})",
                         "Mixtral-8x7B");
  expect_as_in_catalogue(R"({"architectures": ["Qwen3MoeForCausalLM"], "decoder_sparse_step": 1, "head_dim": 128,
    "hidden_size": 2048, "intermediate_size": 6144, "moe_intermediate_size": 768, "num_attention_heads": 32,
    "num_experts": 128, "num_experts_per_tok": 8, "num_hidden_layers": 48, "num_key_value_heads": 4,
    "sliding_window": null, "tie_word_embeddings": false, "vocab_size": 151936})",
                         "Qwen3-30B-A3B");
  expect_as_in_catalogue(
      R"({"architectures": ["DeepseekV3ForCausalLM"], "first_k_dense_replace": 3, "hidden_size": 7168,
    "intermediate_size": 18432, "kv_lora_rank": 512, "moe_intermediate_size": 2048, "moe_layer_freq": 1,
    "n_routed_experts": 256, "n_shared_experts": 1, "num_attention_heads": 128, "num_experts_per_tok": 8,
    "num_hidden_layers": 61, "num_key_value_heads": 128, "num_nextn_predict_layers": 1, "q_lora_rank": 1536,
    "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 129280})",
      "DeepSeekV3");
  expect_as_in_catalogue(R"({"architectures": ["GptOssForCausalLM"], "attention_bias": true, "experts_per_token": 4,
    "head_dim": 64, "hidden_size": 2880, "intermediate_size": 2880, "num_attention_heads": 64, "num_hidden_layers": 36,
    "num_key_value_heads": 8, "num_local_experts": 128, "sliding_window": 128, "vocab_size": 201088})",
                         "GPT-OSS-120B");
  expect_as_in_catalogue(R"({"architectures": ["Llama4ForConditionalGeneration"], "text_config": {"hidden_size": 5120,
    "attention_chunk_size": 8192, "head_dim": 128, "interleave_moe_layer_step": 2, "intermediate_size": 8192,
    "intermediate_size_mlp": 16384, "num_attention_heads": 40, "num_experts_per_tok": 1, "num_hidden_layers": 48,
    "num_key_value_heads": 8, "num_local_experts": 128, "vocab_size": 202048}})",
                         "LLAMA4-Maverick-400B");
}

TEST(HuggingFace, ReadsHybrids) {
  expect_as_in_catalogue(R"({"architectures": ["Qwen3NextForCausalLM"], "full_attention_interval": 4, "head_dim": 256,
    "hidden_size": 2048, "linear_conv_kernel_dim": 4, "linear_key_head_dim": 128, "linear_num_key_heads": 16,
    "linear_num_value_heads": 32, "linear_value_head_dim": 128, "moe_intermediate_size": 512, "num_experts": 512,
    "num_experts_per_tok": 10, "num_attention_heads": 16, "num_hidden_layers": 48, "num_key_value_heads": 2,
    "shared_expert_intermediate_size": 512, "vocab_size": 151936})",
                         "Qwen3-Next-80B-A3B");
  expect_as_in_catalogue(R"({"architectures": ["NemotronHForCausalLM"], "attention_head_dim": 128, "conv_kernel": 4,
    "hidden_size": 4096, "hybrid_override_pattern": "M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M-",
    "intermediate_size": 21504, "mamba_head_dim": 64, "mamba_num_heads": 128, "n_groups": 8,
    "num_attention_heads": 32, "num_hidden_layers": 52, "num_key_value_heads": 8, "ssm_state_size": 128,
    "vocab_size": 131072})",
                         "NemotronH-8B");
}

TEST(HuggingFace, SaysWhatAMixtureLacks) {
  const auto [model, issues] = read(R"({"architectures": ["MixtralForCausalLM"], "hidden_size": 4096,
    "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32, "vocab_size": 32000})");
  EXPECT_FALSE(model);
  EXPECT_THAT(issues, ElementsAre(HasSubstr("/model: \"num_local_experts\" is missing"),
                                  HasSubstr("/model: \"num_experts_per_tok\" is missing")));
}

TEST(HuggingFace, WarnsOfSlidingWindows) {
  const auto [model, issues] = read(R"({"architectures": ["LlamaForCausalLM"], "hidden_size": 4096,
    "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32, "vocab_size": 32000,
    "sliding_window": 4096})");
  ASSERT_TRUE(model);
  EXPECT_THAT(issues, ElementsAre(HasSubstr("windows of this architecture are not modelled")));
}

std::vector<LayerCount> layers_of(const ConfigOutcome& outcome) {
  EXPECT_THAT(outcome.issues, IsEmpty());
  return outcome.model ? outcome.model->layer_counts() : std::vector<LayerCount>{};
}

/// Mistral 7B v0.1: a window in all layers. Qwen2: behind the first max_window_layers, when asked for.
TEST(HuggingFace, ReadsSlidingWindows) {
  const auto mistral = read(R"({"architectures": ["MistralForCausalLM"], "hidden_size": 4096,
    "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8,
    "vocab_size": 32000, "sliding_window": 4096})");
  EXPECT_THAT(layers_of(mistral), ElementsAre(LayerCount{{.windowed = true}, 32}));
  EXPECT_EQ(mistral.model->parameters(), 7241732096);
  const auto qwen2 = [](const std::string& more) {
    return read(R"({"architectures": ["Qwen2ForCausalLM"], "hidden_size": 3584, "intermediate_size": 18944,
      "num_attention_heads": 28, "num_hidden_layers": 28, "num_key_value_heads": 4, "vocab_size": 152064,
      "sliding_window": 131072)" +
                more + "}");
  };
  EXPECT_THAT(layers_of(qwen2("")), ElementsAre(LayerCount{{}, 28}));
  EXPECT_THAT(layers_of(qwen2(R"(, "use_sliding_window": true, "max_window_layers": 21)")),
              ElementsAre(LayerCount{{}, 21}, LayerCount{{.windowed = true}, 7}));
}

std::string gemma3(const std::string& types, const std::string& more = "") {
  return R"({"architectures": ["Gemma3ForCausalLM"], "model_type": "gemma3_text", "head_dim": 256, "hidden_size": 1152,
    "intermediate_size": 6912, "num_attention_heads": 4, "num_hidden_layers": 8, "num_key_value_heads": 1,
    "sliding_window": 512, "vocab_size": 262144, "layer_types": )" +
         types + more + "}";
}
std::string types(const std::string& letters) {
  std::string list;
  for (const char c : letters)
    list += std::string(list.empty() ? "" : ", ") + (c == 'w' ? R"("sliding_attention")" : R"("full_attention")");
  return "[" + list + "]";
}

/// What the file says layer by layer counts, not what Gemma 3 usually has; what a period says is kept as one.
TEST(HuggingFace, ReadsLayerTypes) {
  const auto usual = read(gemma3(types("wwwww*ww")));
  EXPECT_THAT(layers_of(usual), ElementsAre(LayerCount{{.windowed = true}, 7}, LayerCount{{}, 1}));
  EXPECT_EQ(usual.model->full_attention_every, 6);
  EXPECT_EQ(usual.model->mixer_pattern, "");
  const auto reversed = read(gemma3(types("*w*w*w*w")));
  EXPECT_EQ(reversed.model->mixer_pattern, "*w");
  EXPECT_TRUE(reversed.model->layer_kind(1).windowed && !reversed.model->layer_kind(2).windowed);
  EXPECT_THAT(layers_of(reversed), ElementsAre(LayerCount{{}, 4}, LayerCount{{.windowed = true}, 4}));
  EXPECT_THAT(layers_of(read(gemma3(types("********")))), ElementsAre(LayerCount{{}, 8}));
  EXPECT_THAT(layers_of(read(gemma3(types("wwwwwwww")))), ElementsAre(LayerCount{{.windowed = true}, 8}));
}

TEST(HuggingFace, SaysWhatIsWrongWithLayerTypes) {
  EXPECT_THAT(read(gemma3(types("w*"))).issues, ElementsAre(HasSubstr("/model/layer_types: 2 types for 8 layers")));
  EXPECT_THAT(read(gemma3(R"("full")")).issues, ElementsAre(HasSubstr("a list is expected")));
  EXPECT_THAT(read(gemma3(R"(["full_attention", "ring", 3])")).issues,
              ElementsAre(HasSubstr("/model/layer_types/1: \"ring\" is no type of layer known here; full_attention"),
                          HasSubstr("/model/layer_types/2: integer is no type")));
  EXPECT_THAT(read(gemma3(R"(["linear_attention", "full_attention", "linear_attention", "full_attention",
    "linear_attention", "full_attention", "linear_attention", "full_attention"])"))
                  .issues,
              ElementsAre(HasSubstr("layers with a state (linear_attention) are not known here")));
}

/// Qwen3-Next states the same twice.
TEST(HuggingFace, ReadsLayerTypesWithAState) {
  const auto config = [](const std::string& more) {
    return read(R"({"architectures": ["Qwen3NextForCausalLM"], "head_dim": 256, "hidden_size": 2048,
      "linear_key_head_dim": 128, "linear_num_key_heads": 16, "linear_num_value_heads": 32,
      "linear_value_head_dim": 128, "moe_intermediate_size": 512, "num_experts": 512, "num_experts_per_tok": 10,
      "num_attention_heads": 16, "num_hidden_layers": 4, "num_key_value_heads": 2, "vocab_size": 151936)" +
                more + "}");
  };
  const auto typed = config(R"(, "layer_types": ["linear_attention", "linear_attention", "linear_attention",
    "full_attention"])");
  EXPECT_EQ(layers_of(typed), layers_of(config("")));
  EXPECT_EQ(typed.model->full_attention_every, 4);
}

TEST(HuggingFace, ReportsEverythingAtOnce) {
  const auto [model, issues] = read(R"({"architectures": ["LlamaForCausalLM"],
 "hidden_size": "4096", "num_attention_heads": 0,
 "intermediate_size": 14336.5, "tie_word_embeddings": 1,
 "vocab_size": 32000})");
  EXPECT_FALSE(model);
  EXPECT_THAT(
      issues,
      ElementsAre("config.json:2:17: error: /model/hidden_size: expected an integer, found string",
                  "config.json:1:1: error: /model: \"num_hidden_layers\" is missing",
                  "config.json:2:48: error: /model/num_attention_heads: 0 is not between 1 and 16777216",
                  "config.json:3:23: error: /model/intermediate_size: expected an integer, found number",
                  "config.json:3:55: error: /model/tie_word_embeddings: expected true or false, found integer"));
}

TEST(HuggingFace, ReportsHeadsThatDoNotDivide) {
  const auto [model, issues] = read(R"({"architectures": ["LlamaForCausalLM"], "hidden_size": 100,
 "num_attention_heads": 8, "num_hidden_layers": 2, "num_key_value_heads": 3,
 "intermediate_size": 400, "vocab_size": 1000})");
  EXPECT_FALSE(model);
  EXPECT_THAT(issues, ElementsAre(HasSubstr("config.json:2:25: error: /model/num_attention_heads: hidden (100)"),
                                  HasSubstr("config.json:2:75: error: /model/num_key_value_heads: heads (8)")));
}

TEST(HuggingFace, NamesTheKnownArchitectures) {
  const auto [model, issues] = read(R"({"architectures": ["LlamaForCasualLM"]})");
  EXPECT_FALSE(model);
  EXPECT_THAT(issues, ElementsAre(AllOf(HasSubstr("unknown architecture \"LlamaForCasualLM\"; did you mean "
                                                  "\"LlamaForCausalLM\"?; known: "),
                                        HasSubstr("MPTForCausalLM"))));
}

TEST(HuggingFace, IsRecognized) {
  Issues issues;
  EXPECT_TRUE(looks_like_hugging_face(*json::parse(R"({"model_type": "gpt2"})", "a", issues)));
  EXPECT_FALSE(looks_like_hugging_face(*json::parse(R"({"layers": 2})", "b", issues)));
}

}  // namespace
}  // namespace plenum::workload
