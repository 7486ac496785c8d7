#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/config_outcome.hpp"

namespace plenum::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Transformer model_named(const std::string& name) {
  Issues issues;
  const auto model = find_model(name, issues);
  for (const Issue& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  return model.value_or(Transformer{});
}

// Published transformer/config.json files, without the keys that change no sizes.
const char* const flux =
    R"({"_class_name": "FluxTransformer2DModel", "attention_head_dim": 128, "guidance_embeds": true,
  "in_channels": 64, "joint_attention_dim": 4096, "num_attention_heads": 24, "num_layers": 19,
  "num_single_layers": 38, "patch_size": 1, "pooled_projection_dim": 768})";
const char* const sd3 = R"({"_class_name": "SD3Transformer2DModel", "attention_head_dim": 64, "in_channels": 16,
  "joint_attention_dim": 4096, "num_attention_heads": 24, "num_layers": 24, "out_channels": 16, "patch_size": 2,
  "pooled_projection_dim": 2048, "sample_size": 128})";
const char* const dit = R"({"_class_name": "DiTTransformer2DModel", "attention_head_dim": 72, "in_channels": 4,
  "num_attention_heads": 16, "num_embeds_ada_norm": 1000, "num_layers": 28, "out_channels": 8, "patch_size": 2,
  "sample_size": 32})";
const char* const wan =
    R"({"_class_name": "WanTransformer3DModel", "added_kv_proj_dim": null, "attention_head_dim": 128,
  "cross_attn_norm": true, "ffn_dim": 13824, "freq_dim": 256, "image_dim": null, "in_channels": 16,
  "num_attention_heads": 40, "num_layers": 40, "out_channels": 16, "patch_size": [1, 2, 2],
  "qk_norm": "rms_norm_across_heads", "text_dim": 4096})";
const char* const hunyuan = R"({"_class_name": "HunyuanVideoTransformer3DModel", "attention_head_dim": 128,
  "guidance_embeds": true, "in_channels": 16, "mlp_ratio": 4.0, "num_attention_heads": 24, "num_layers": 20,
  "num_refiner_layers": 2, "num_single_layers": 40, "out_channels": 16, "patch_size": 2, "patch_size_t": 1,
  "pooled_projection_dim": 768, "qk_norm": "rms_norm", "text_embed_dim": 4096})";

// Elements derived from the published layers. Published, rounded: 675 M (arXiv 2212.09748), 2 B, 11.9 B (MLPerf
// Training 5.1), 14 B, and 13 B. DiT's table of fixed positions, 256 x 1,152, is not trained and not counted.
TEST(Diffusers, ParametersOfPublishedModels) {
  const std::pair<const char*, std::int64_t> published[] = {{flux, 11901408320},
                                                            {sd3, 2028328000},
                                                            {dit, 675129632 - 256 * 1152},
                                                            {wan, 14288491584},
                                                            {hunyuan, 12821012544}};
  for (const auto& [text, count] : published) {
    const auto [model, issues] = read(text);
    EXPECT_THAT(issues, IsEmpty());
    ASSERT_TRUE(model) << text;
    EXPECT_EQ(model->parameters(), count) << model->name;
  }
}

TEST(Diffusers, AgreesWithTheCatalogue) {
  const std::pair<const char*, const char*> pairs[] = {
      {flux, "FLUX.1-dev"}, {sd3, "SD3-medium"}, {dit, "DiT-XL/2"}, {wan, "Wan2.1-T2V-14B"}, {hunyuan, "HunyuanVideo"}};
  for (const auto& [text, name] : pairs) {
    const auto read_model = read(text).model;
    const Transformer committed = model_named(name);
    ASSERT_TRUE(read_model);
    EXPECT_EQ(read_model->parameters(), committed.parameters()) << name;
    EXPECT_EQ(read_model->context, committed.context) << name;
    EXPECT_EQ(read_model->diffusion->text_encoder, committed.diffusion->text_encoder) << name;
  }
}

TEST(Diffusers, OtherCommittedModels) {
  EXPECT_EQ(model_named("SD3.5-large").parameters(), 8056627520);
  EXPECT_EQ(model_named("Wan2.1-T2V-1.3B").parameters(), 1418996800);
  EXPECT_EQ(model_named("T5-XXL-encoder").parameters(), 4762310656 - 32 * 64);  // its bias by distance
}

/// 1,024 x 1,024 pixels are 128 x 128 latents, 64 x 64 patches; 81 frames are 21 latents, 129 are 33.
TEST(Diffusers, PictureIsSequence) {
  EXPECT_EQ(read(flux).model->context, 64 * 64 + 512);
  EXPECT_EQ(read(sd3).model->context, 64 * 64 + 333);
  EXPECT_EQ(read(dit).model->context, 16 * 16);
  EXPECT_EQ(read(wan).model->context, 21 * 45 * 80);
  EXPECT_EQ(read(hunyuan).model->context, 33 * 45 * 80 + 256);
}

TEST(Diffusers, LayersByKind) {
  EXPECT_THAT(read(flux).model->layer_counts(), ElementsAre(LayerCount{{Mixer::double_stream, Mlp::none}, 19},
                                                            LayerCount{{Mixer::single_stream, Mlp::none}, 38}));
  EXPECT_THAT(read(sd3).model->layer_counts(), ElementsAre(LayerCount{{Mixer::double_stream, Mlp::none}, 23},
                                                           LayerCount{{Mixer::text_end, Mlp::none}, 1}));
  EXPECT_THAT(read(wan).model->layer_counts(), ElementsAre(LayerCount{{Mixer::denoising, Mlp::none}, 40}));
}

TEST(Diffusers, SaysWhatItDoesNotKnow) {
  EXPECT_THAT(read(R"({"_class_name": "WanTransformer2DModel"})").issues,
              ElementsAre(HasSubstr("config.json:1:17: error: /model/_class_name: unknown class "
                                    "\"WanTransformer2DModel\"; did you mean \"WanTransformer3DModel\"?; known: "
                                    "FluxTransformer2DModel, SD3Transformer2DModel")));
  EXPECT_THAT(read(R"({"_class_name": "WanTransformer3DModel", "attention_head_dim": 128, "ffn_dim": 13824,
    "image_dim": 1280, "in_channels": 36, "num_attention_heads": 40, "num_layers": 40, "patch_size": 2,
    "text_dim": 4096})")
                  .issues,
              ElementsAre(HasSubstr("expected frames, height and width of a patch"),
                          HasSubstr("/model/image_dim: conditioning by an image is not modelled")));
  EXPECT_THAT(
      read(R"({"_class_name": "FluxTransformer2DModel", "in_channels": 64})").issues,
      ElementsAre(HasSubstr("\"num_layers\" is missing"), HasSubstr("\"num_attention_heads\" is missing"),
                  HasSubstr("\"attention_head_dim\" is missing"), HasSubstr("\"num_single_layers\" is missing"),
                  HasSubstr("\"joint_attention_dim\" is missing"), HasSubstr("\"pooled_projection_dim\" is missing")));
}

}  // namespace
}  // namespace plenum::workload
