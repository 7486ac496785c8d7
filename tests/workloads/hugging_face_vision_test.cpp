// Published configurations of models that see, without the keys that change no sizes; parameters of their checkpoints.
#include "workloads/hugging_face_vision.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/config_outcome.hpp"

namespace plenum::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Vision, ReadsQwen2Vl) {
  const auto [model, issues] = read(R"({"architectures": ["Qwen2VLForConditionalGeneration"], "model_type": "qwen2_vl",
    "hidden_size": 3584, "intermediate_size": 18944, "num_attention_heads": 28, "num_hidden_layers": 28,
    "num_key_value_heads": 4, "max_position_embeddings": 32768, "tie_word_embeddings": false, "vocab_size": 152064,
    "use_sliding_window": false, "sliding_window": 32768,
    "vision_config": {"depth": 32, "embed_dim": 1280, "mlp_ratio": 4, "num_heads": 16, "in_chans": 3,
    "hidden_size": 3584, "patch_size": 14, "spatial_merge_size": 2, "spatial_patch_size": 14,
    "temporal_patch_size": 2}})");
  ASSERT_TRUE(model && model->vision);
  EXPECT_THAT(issues, IsEmpty());
  EXPECT_EQ(vision_parameters(*model->vision), 675759104);
  EXPECT_EQ(model->parameters(), 8291375616);
  EXPECT_EQ(model->vision->tokens(), 16 * 16);  // 448 pixels a side
}

TEST(Vision, ReadsQwen25Vl) {
  const auto [model, issues] = read(R"({"architectures": ["Qwen2_5_VLForConditionalGeneration"],
    "model_type": "qwen2_5_vl", "hidden_size": 3584, "intermediate_size": 18944, "num_attention_heads": 28,
    "num_hidden_layers": 28, "num_key_value_heads": 4, "vocab_size": 152064, "tie_word_embeddings": false,
    "vision_config": {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "in_chans": 3,
    "out_hidden_size": 3584, "patch_size": 14, "spatial_merge_size": 2, "spatial_patch_size": 14, "window_size": 112,
    "fullatt_block_indexes": [7, 15, 23, 31], "temporal_patch_size": 2}})");
  ASSERT_TRUE(model && model->vision);
  EXPECT_EQ(model->parameters(), 8292166656);
  const Transformer tower = tower_of(*model->vision);
  EXPECT_THAT(tower.layer_counts(), ElementsAre(LayerCount{{.windowed = true}, 28}, LayerCount{{}, 4}));
  EXPECT_EQ(tower.window, 64);
}

TEST(Vision, ReadsQwen3Vl) {
  const auto [model, issues] = read(R"({"architectures": ["Qwen3VLForConditionalGeneration"], "model_type": "qwen3_vl",
    "tie_word_embeddings": false, "text_config": {"head_dim": 128, "hidden_size": 4096, "intermediate_size": 12288,
    "model_type": "qwen3_vl_text", "num_attention_heads": 32, "num_hidden_layers": 36, "num_key_value_heads": 8,
    "vocab_size": 151936}, "vision_config": {"deepstack_visual_indexes": [8, 16, 24], "depth": 27, "hidden_size": 1152,
    "intermediate_size": 4304, "num_heads": 16, "num_position_embeddings": 2304, "out_hidden_size": 4096,
    "patch_size": 16, "spatial_merge_size": 2, "temporal_patch_size": 2}})");
  ASSERT_TRUE(model && model->vision);
  EXPECT_THAT(issues, IsEmpty());
  EXPECT_EQ(model->parameters(), 8767123696);
}

/// Its language model's file leaves out Llama's sizes.
TEST(Vision, ReadsLlava) {
  const auto [model, issues] = read(R"({"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava",
    "text_config": {"architectures": ["LlamaForCausalLM"], "max_position_embeddings": 4096, "model_type": "llama",
    "vocab_size": 32064}, "vision_config": {"hidden_size": 1024, "image_size": 336, "intermediate_size": 4096,
    "num_attention_heads": 16, "num_hidden_layers": 24, "patch_size": 14, "projection_dim": 768}})");
  ASSERT_TRUE(model && model->vision);
  EXPECT_THAT(issues, IsEmpty());
  EXPECT_EQ(model->parameters(), 7063427072);
  EXPECT_EQ(model->vision->tokens(), 576);
}

std::string llava(const std::string& more) {
  return R"({"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava",
    "text_config": {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 32064},
    "vision_config": {"hidden_size": 1024, "image_size": 336, "intermediate_size": 4096, "num_attention_heads": 16,
    "num_hidden_layers": 24, "patch_size": 14})" +
         more + "}";
}

/// The layers behind the chosen one are in the checkpoint and do not run; several stand side by side.
TEST(Vision, LlavaRunsTheLayersBeforeItsFeatures) {
  const auto run_layers = [](const std::string& more) { return read(llava(more)).model->vision->run_layers(); };
  EXPECT_EQ(run_layers(""), 23);  // the last but one's output, unless told otherwise
  EXPECT_EQ(run_layers(R"(, "vision_feature_layer": -1)"), 24);
  EXPECT_EQ(run_layers(R"(, "vision_feature_layer": 12)"), 12);
  const auto several = read(llava(R"(, "vision_feature_layer": [-2, 8])"));
  EXPECT_EQ(several.model->vision->run_layers(), 23);
  EXPECT_EQ(several.model->vision->merged(), 2 * 1024);
  EXPECT_EQ(several.model->parameters(), 7063427072 + 1024 * 4096);
  EXPECT_EQ(read(llava(R"(, "vision_feature_select_strategy": "full")")).model->vision->tokens(), 577);
  EXPECT_THAT(read(llava(R"(, "vision_feature_layer": 25)")).issues,
              ElementsAre(HasSubstr("vision_feature_layer: there is no layer 25; the encoder has 24")));
  EXPECT_THAT(read(llava(R"(, "vision_feature_layer": "last")")).issues,
              ElementsAre(HasSubstr("expected whole numbers, found string")));
}

std::string mllama(const std::string& text) {
  return R"({"architectures": ["MllamaForConditionalGeneration"], "model_type": "mllama", "text_config": {)" + text +
         R"(, "max_position_embeddings": 131072, "model_type": "mllama_text_model", "num_key_value_heads": 8,
    "tie_word_embeddings": false, "vocab_size": 128256}, "vision_config": {"attention_heads": 16, "hidden_size": 1280,
    "image_size": 560, "intermediate_layers_indices": [3, 7, 15, 23, 30], "intermediate_size": 5120,
    "max_num_tiles": 4, "model_type": "mllama_vision_model", "num_global_layers": 8, "num_hidden_layers": 32,
    "patch_size": 14, "supported_aspect_ratios": [[1, 1], [1, 2], [1, 3], [1, 4], [2, 1], [2, 2], [3, 1], [4, 1]],
    "vision_output_dim": 7680}})";
}

/// Llama 3.2 11B and 90B Vision Instruct: parameters of their checkpoints, 10,670,220,835 (model card of NVIDIA's NIM)
/// and half the 177,186,710,646 bytes of bf16 weights.
TEST(Vision, ReadsLlama32) {
  const auto [model, issues] = read(mllama(R"("cross_attention_layers": [3, 8, 13, 18, 23, 28, 33, 38],
    "hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 40)"));
  ASSERT_TRUE(model && model->vision);
  EXPECT_THAT(issues, IsEmpty());
  EXPECT_EQ(model->parameters(), 10670220835);
  EXPECT_EQ(model->mixer_pattern, "***x*");
  EXPECT_EQ(model->vision->tokens(), 4 * 1601);
  EXPECT_EQ(model->vision->sequence(), 4 * 1608);
  const auto large = read(mllama(R"("cross_attention_layers": [3, 8, 13, 18, 23, 28, 33, 38, 43, 48, 53, 58, 63, 68,
    73, 78, 83, 88, 93, 98], "hidden_size": 8192, "intermediate_size": 28672, "num_attention_heads": 64,
    "num_hidden_layers": 100)"));
  ASSERT_TRUE(large.model);
  EXPECT_EQ(large.model->parameters(), 177186710646 / 2);
}

TEST(Vision, HasNoMorePositionsThanCanBeCounted) {
  std::string config = mllama(R"("cross_attention_layers": [1], "hidden_size": 4096, "intermediate_size": 14336,
    "num_attention_heads": 32, "num_hidden_layers": 2)");
  config.replace(config.find("560"), 3, "560000");
  EXPECT_THAT(read(config).issues, ElementsAre(HasSubstr("rows are more than any encoder has")));
}

TEST(Vision, Llama32NeedsItsLayers) {
  const std::string sizes = R"("hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32,
    "num_hidden_layers": 40)";
  EXPECT_THAT(read(mllama(sizes)).issues, ElementsAre(HasSubstr("\"cross_attention_layers\" is missing")));
  EXPECT_THAT(read(mllama(sizes + R"(, "cross_attention_layers": [3, 40])")).issues,
              ElementsAre(HasSubstr("cross_attention_layers/1: layers have the numbers 0 to 39")));
}

/// Two different sides.
TEST(Vision, ReadsImagesThatAreNoSquares) {
  const auto [model, issues] = read(R"({"architectures": ["InternVLForConditionalGeneration"], "model_type": "internvl",
    "downsample_ratio": 0.5, "text_config": {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2",
    "hidden_size": 3584, "intermediate_size": 18944, "num_attention_heads": 28, "num_hidden_layers": 28,
    "num_key_value_heads": 4, "tie_word_embeddings": false, "vocab_size": 151674},
    "vision_config": {"hidden_size": 1024, "image_size": [448, 224], "intermediate_size": 4096,
    "num_attention_heads": 16, "num_hidden_layers": 24, "patch_size": 14}})");
  ASSERT_TRUE(model && model->vision);
  EXPECT_EQ(model->vision->tokens(), 128);
}

/// The norm before its projector has no bias, here it has one: 1,152 elements more than the checkpoint.
TEST(Vision, ReadsGemma3) {
  const auto [model, issues] = read(R"({"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3",
    "mm_tokens_per_image": 256, "text_config": {"hidden_size": 2560, "intermediate_size": 10240,
    "model_type": "gemma3_text", "num_hidden_layers": 34, "sliding_window": 1024},
    "vision_config": {"hidden_size": 1152, "image_size": 896, "intermediate_size": 4304, "num_attention_heads": 16,
    "num_hidden_layers": 27, "patch_size": 14}})");
  ASSERT_TRUE(model && model->vision);
  EXPECT_THAT(issues, IsEmpty());
  EXPECT_EQ(model->parameters(), 4300079472 + 1152);
  EXPECT_EQ(model->vision->tokens(), 256);
  EXPECT_THAT(model->layer_counts(), ElementsAre(LayerCount{{.windowed = true}, 29}, LayerCount{{}, 5}));
}

TEST(Vision, Gemma3sTokensAreSquaresOfPatches) {
  for (const std::string tokens : {"77", "100000"}) {
    const auto [model, issues] =
        read(R"({"architectures": ["Gemma3ForConditionalGeneration"], "mm_tokens_per_image": )" + tokens +
             R"(, "text_config": {"hidden_size": 2560, "intermediate_size": 10240,
      "num_hidden_layers": 34}, "vision_config": {"hidden_size": 1152, "image_size": 896, "intermediate_size": 4304,
      "num_attention_heads": 16, "num_hidden_layers": 27, "patch_size": 14}})");
    EXPECT_FALSE(model);
    EXPECT_THAT(issues, ElementsAre(HasSubstr("mm_tokens_per_image: the 4096 patches")));
  }
}

TEST(Vision, ReadsLlama4Scout) {
  const auto [model, issues] = read(R"({"architectures": ["Llama4ForConditionalGeneration"], "model_type": "llama4",
    "text_config": {"hidden_size": 5120, "attention_chunk_size": 8192, "head_dim": 128, "interleave_moe_layer_step": 1,
    "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_attention_heads": 40, "num_experts_per_tok": 1,
    "num_hidden_layers": 48, "num_key_value_heads": 8, "num_local_experts": 16, "vocab_size": 202048},
    "vision_config": {"hidden_size": 1408, "image_size": 336, "intermediate_size": 5632, "num_attention_heads": 16,
    "num_hidden_layers": 34, "patch_size": 14, "pixel_shuffle_ratio": 0.5, "projector_input_dim": 4096,
    "projector_output_dim": 4096, "vision_output_dim": 4096}})");
  ASSERT_TRUE(model && model->vision);
  EXPECT_EQ(vision_parameters(*model->vision), 871932416);
  EXPECT_EQ(model->parameters(), 108641793536);
  EXPECT_EQ(model->vision->tokens(), 144);
}

TEST(Vision, ReadsInternVl3) {
  const auto [model, issues] = read(R"({"architectures": ["InternVLForConditionalGeneration"], "model_type": "internvl",
    "downsample_ratio": 0.5, "text_config": {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2",
    "hidden_size": 3584, "intermediate_size": 18944, "num_attention_heads": 28, "num_hidden_layers": 28,
    "num_key_value_heads": 4, "tie_word_embeddings": false, "vocab_size": 151674},
    "vision_config": {"attention_bias": true, "hidden_size": 1024, "image_size": [448, 448], "intermediate_size": 4096,
    "num_attention_heads": 16, "num_hidden_layers": 24, "patch_size": [14, 14], "use_mean_pooling": true}})");
  ASSERT_TRUE(model && model->vision);
  EXPECT_EQ(model->parameters(), 7944373760);
  EXPECT_EQ(model->vision->tokens(), 256);
}

TEST(Vision, AWordIsNoRatioOfPixels) {
  const auto [model, issues] = read(R"({"architectures": ["InternVLForConditionalGeneration"], "model_type": "internvl",
    "downsample_ratio": "half", "text_config": {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2",
    "hidden_size": 3584, "intermediate_size": 18944, "num_attention_heads": 28, "num_hidden_layers": 28,
    "num_key_value_heads": 4, "tie_word_embeddings": false, "vocab_size": 151674},
    "vision_config": {"attention_bias": true, "hidden_size": 1024, "image_size": [448, 448], "intermediate_size": 4096,
    "num_attention_heads": 16, "num_hidden_layers": 24, "patch_size": [14, 14], "use_mean_pooling": true}})");
  EXPECT_THAT(issues, ElementsAre(HasSubstr("expected a ratio above 0, at most 1")));
}

TEST(Vision, OfOtherArchitecturesIsLeftOutWithAWord) {
  const auto [model, issues] = read(R"({"architectures": ["KimiK25ForConditionalGeneration"], "model_type": "kimi_k25",
    "text_config": {"first_k_dense_replace": 1, "hidden_size": 7168, "intermediate_size": 18432, "kv_lora_rank": 512,
    "moe_intermediate_size": 2048, "n_routed_experts": 384, "n_shared_experts": 1, "num_attention_heads": 64,
    "num_experts_per_tok": 8, "num_hidden_layers": 61, "q_lora_rank": 1536, "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 163840}, "vision_config": {"vt_hidden_size": 1152}})");
  ASSERT_TRUE(model);
  EXPECT_FALSE(model->vision);
  EXPECT_THAT(issues, ElementsAre(HasSubstr("only the language model is read; encoders of qwen2_vl")));
}

TEST(Vision, MissesWhatIsMissing) {
  const auto [model, issues] = read(R"({"model_type": "qwen3_vl", "text_config": {"hidden_size": 4096,
    "intermediate_size": 12288, "num_attention_heads": 32, "num_hidden_layers": 36, "vocab_size": 151936},
    "vision_config": {"depth": "deep", "hidden_size": 1152, "num_heads": 16, "intermediate_size": 4304}})");
  EXPECT_FALSE(model);
  EXPECT_THAT(issues, ElementsAre(HasSubstr("/model/vision_config/depth: expected an integer, found string"),
                                  HasSubstr("/model/vision_config: \"num_position_embeddings\" is missing")));
}

}  // namespace
}  // namespace plenum::workload
