#include "workloads/hugging_face_parts.hpp"

#include <algorithm>

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
  reader.size("sliding_window_pattern", pattern, false);
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
