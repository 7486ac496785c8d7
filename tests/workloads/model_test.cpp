#include "workloads/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace plenum::workload {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Transformer model_named(const std::string& name) {
  Issues issues;
  const auto model = find_model(name, issues);
  for (const Issue& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  return model.value_or(Transformer{});
}

/// Elements of the published checkpoints, exact where the model has no extras of its own.
TEST(Catalogue, ParametersOfPublishedCheckpoints) {
  const std::pair<const char*, std::int64_t> exact[] = {
      {"GPT2-124M", 124439808},        {"GPT2-355M", 354823168},          {"GPT2-774M", 774030080},
      {"GPT2-1.5B", 1557611200},       {"LLAMA2-7B", 6738415616},         {"LLAMA2-13B", 13015864320},
      {"LLAMA2-70B", 68976648192},     {"LLAMA3-8B", 8030261248},         {"LLAMA3-70B", 70553706496},
      {"LLAMA3.1-405B", 405853388800}, {"LLAMA3.2-1B", 1235814400},       {"LLAMA3.2-3B", 3212749824},
      {"LLAMA-65B", 65285660672},      {"Mistral-7B", 7241732096},        {"Qwen2-0.5B", 494032768},
      {"Qwen2-1.5B", 1543714304},      {"Qwen2-7B", 7615616512},          {"Qwen2.5-14B", 14770033664},
      {"Qwen2.5-32B", 32763876352},    {"Qwen2-72B", 72706203648},        {"Qwen3-0.6B", 596049920},
      {"Qwen3-8B", 8190735360},        {"Qwen3-32B", 32762123264},        {"Gemma-2B", 2506172416},
      {"Gemma-7B", 8537680896},        {"Gemma-2-9B", 9241705984},        {"Gemma-2-27B", 27227128320},
      {"GPT-NeoX-20B", 20554567680},   {"Mixtral-8x7B", 46702792704},     {"Mixtral-8x22B", 140620634112},
      {"Qwen3-30B-A3B", 30532122624},  {"Qwen3-235B-A22B", 235093634560}, {"DeepSeekV2-Lite", 15706484224},
      {"DeepSeekV2", 235741434880}};
  for (const auto& [name, count] : exact) EXPECT_EQ(model_named(name).parameters(), count) << name;
}

/// Billions as the papers print them: to one decimal, or to half a percent.
TEST(Catalogue, ParametersOfPapers) {
  const std::pair<const char*, double> printed[] = {
      {"GPT3-175B", 174.6},         {"Megatron-GPT-1.7B", 1.7},   {"Megatron-GPT-3.6B", 3.6},
      {"Megatron-GPT-7.5B", 7.5},   {"Megatron-GPT-18B", 18.4},   {"Megatron-GPT-39B", 39.1},
      {"Megatron-GPT-76B", 76.1},   {"Megatron-GPT-145B", 145.6}, {"Megatron-GPT-310B", 310.1},
      {"Megatron-GPT-530B", 529.6}, {"Megatron-GPT-1T", 1008.0},  {"Nemotron4-340B", 341},
      {"BLOOM-176B", 176.2}};
  for (const auto& [name, billions] : printed)
    EXPECT_NEAR(static_cast<double>(model_named(name).parameters()) / 1e9, billions, std::max(0.05, 0.005 * billions))
        << name;
}

/// All, and those that one token goes through, in billions as their makers print them; the printed numbers are rounded
/// and some count active ones without the embeddings (GPT-OSS 5.1, MiniMax 10), which are counted here.
TEST(Catalogue, ParametersOfMixturesAndHybrids) {
  struct Printed {
    const char* name;
    double all, active;
  };
  const Printed printed[] = {{"DeepSeekV3", 671, 37},
                             {"Kimi-K2", 1026, 32},
                             {"Grok1-314B", 314, 86},
                             {"LLAMA4-Scout-109B", 108, 17},
                             {"LLAMA4-Maverick-400B", 400, 17},
                             {"GPT-OSS-120B", 116.8, 5.7},
                             {"GPT-OSS-20B", 20.9, 4.2},
                             {"MiniMax-M2", 229, 11},
                             {"Qwen3-Next-80B-A3B", 79.7, 3.9},
                             {"Qwen3.5-397B-A17B", 397, 17},
                             {"NemotronH-8B", 8.1, 8.1},
                             {"NemotronH-56B", 56, 56},
                             {"Nemotron3-Nano-30B-A3B", 31.6, 3.6},
                             {"Nemotron3-Super-120B-A12B", 120.6, 12.7},
                             {"Nemotron3-Ultra-550B-A55B", 550, 55}};
  for (const auto& [name, all, active] : printed) {
    const Transformer model = model_named(name);
    EXPECT_NEAR(static_cast<double>(model.parameters()) / 1e9, all, 0.015 * all) << name;
    EXPECT_NEAR(static_cast<double>(model.active_parameters()) / 1e9, active, 0.1 * active) << name;
  }
}

TEST(LayerKinds, FollowTheirRules) {
  const Transformer deepseek = model_named("DeepSeekV3");
  EXPECT_THAT(deepseek.layer_counts(), ElementsAre(LayerCount{{Mixer::latent_attention, Mlp::dense, false}, 3},
                                                   LayerCount{{Mixer::latent_attention, Mlp::experts, false}, 58}));
  const Transformer maverick = model_named("LLAMA4-Maverick-400B");
  EXPECT_THAT(maverick.layer_counts(0, 4), ElementsAre(LayerCount{{Mixer::attention, Mlp::dense, true}, 2},
                                                       LayerCount{{Mixer::attention, Mlp::experts, true}, 1},
                                                       LayerCount{{Mixer::attention, Mlp::experts, false}, 1}));
  const Transformer next = model_named("Qwen3-Next-80B-A3B");
  EXPECT_THAT(next.layer_counts(), ElementsAre(LayerCount{{Mixer::state_space, Mlp::experts, false}, 36},
                                               LayerCount{{Mixer::attention, Mlp::experts, false}, 12}));
  const Transformer nano = model_named("Nemotron3-Nano-30B-A3B");
  EXPECT_THAT(nano.layer_counts(), ElementsAre(LayerCount{{Mixer::state_space, Mlp::none, false}, 23},
                                               LayerCount{{Mixer::none, Mlp::experts, false}, 23},
                                               LayerCount{{Mixer::attention, Mlp::none, false}, 6}));
}

/// llm-foundry's benchmark table prints four decimals.
TEST(Catalogue, ParametersOfMpt) {
  const std::pair<const char*, double> printed[] = {{"MPT-125m", 0.1253}, {"MPT-350m", 0.3560}, {"MPT-760m", 0.7605},
                                                    {"MPT-1b", 1.3160},   {"MPT-3b", 2.6518},   {"MPT-7b", 6.6589},
                                                    {"MPT-13b", 12.8540}, {"MPT-30b", 29.9752}, {"MPT-70b", 64.8624}};
  for (const auto& [name, billions] : printed)
    EXPECT_NEAR(static_cast<double>(model_named(name).parameters()) / 1e9, billions, 0.00005) << name;
}

TEST(Catalogue, NamesAreFoundWhateverTheirCaseAndPunctuation) {
  EXPECT_EQ(model_named("llama 3.1 405b").layers, 126);
  EXPECT_EQ(model_named("llama3-405b").layers, 126);
  EXPECT_EQ(model_named("llama31_405b").layers, 126);
  EXPECT_EQ(model_named("GPT-3 1.3B").hidden, 2048);
  EXPECT_EQ(model_named("GPT-3 13B").hidden, 5120);
  EXPECT_EQ(model_named("gpt3_175B").hidden, 12288);
  EXPECT_EQ(model_named("MT-NLG-530B").layers, 105);
}

TEST(Catalogue, UnknownNamesGetASuggestion) {
  Issues issues;
  EXPECT_FALSE(find_model("LLAMA3-80B", issues));
  ASSERT_EQ(issues.all().size(), 1u);
  EXPECT_THAT(issues.all()[0].message, ::testing::StartsWith("unknown model \"LLAMA3-80B\"; did you mean \"LLAMA3-"));
}

TEST(Catalogue, EveryModelIsSound) {
  EXPECT_GT(model_names().size(), 50u);
  std::set<std::string> seen;
  for (const std::string& name : model_names()) {
    const Transformer model = model_named(name);
    EXPECT_EQ(model.name, name) << "found by another model's name or alias";
    EXPECT_TRUE(seen.insert(name).second) << name;
    EXPECT_THAT(check(model), IsEmpty()) << name;
  }
}

TEST(Check, NamesWhatDoesNotDivide) {
  Transformer model{};
  model.layers = 2;
  model.vocabulary = 1000;
  model.hidden = 100;
  model.heads = 8;
  model.kv_heads = 3;
  model.alibi = model.learned_positions = true;
  EXPECT_THAT(check(model),
              ElementsAre(Pair("/heads", "hidden (100) is not a multiple of heads (8); give head_dim or other heads"),
                          Pair("/kv_heads", "heads (8) is not a multiple of kv_heads (3)"),
                          Pair("/alibi", "a model has either learned_positions or alibi, not both")));
}

TEST(Check, NamesLayersWithoutSizes) {
  Transformer model{};
  model.layers = model.heads = 4;
  model.vocabulary = 1000;
  model.hidden = 64;
  model.pattern = "M*EX";
  model.full_attention_every = 2;
  EXPECT_THAT(check(model),
              ElementsAre(Pair("/pattern", "'X' is no kind of layer; M, *, - and E are"),
                          Pair("/pattern", "M needs the sizes in state_space"),
                          Pair("/pattern", "E needs the sizes in experts"),
                          Pair("/full_attention_every", "needs a window or state_space for the other layers")));
  model.pattern.clear();
  model.full_attention_every = 0;
  model.experts = Experts{.count = 4, .active = 5, .ffn = 8};
  EXPECT_THAT(check(model), ElementsAre(Pair("/experts/active", "5 of 4 experts can't be active")));
}

/// Diffusion transformers have none.
TEST(Check, LanguageModelsNeedTheirVocabulary) {
  Transformer model{};
  model.layers = model.heads = 4;
  model.hidden = 64;
  EXPECT_THAT(check(model),
              ElementsAre(Pair("/vocabulary", "a language model needs its vocabulary: the tokens in it")));
  model.diffusion.emplace();
  EXPECT_THAT(check(model), IsEmpty());
}

TEST(FillDefaults, MeansAsManyHeadsAndFourTimesTheWidth) {
  Transformer model{};
  model.hidden = 64;
  model.heads = 4;
  model.fill_defaults();
  EXPECT_EQ(model.kv_heads, 4);
  EXPECT_EQ(model.head_dim, 16);
  EXPECT_EQ(model.ffn, 256);
}

}  // namespace
}  // namespace plenum::workload
